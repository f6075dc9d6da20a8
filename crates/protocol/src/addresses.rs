//! How the accounts of instructions are derived, by their names: from this table `cargo xtask idl`
//! writes the seeds into the IDLs, from which clients in other languages derive them.
//!
//! A rule applies where the instruction has everything that its seeds name, and no fixed address
//! for the account; the first such rule counts. Anchor writes seeds only where an instruction
//! creates an account, so the table must agree with them; `crates/client` compares what both
//! derive.

use crate::seeds;

/// A program that owns derived addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The jobs program.
    Jobs,
    /// The staking program.
    Staking,
    /// The rewards program.
    Rewards,
    /// The associated token account program.
    AssociatedTokens,
    /// The loader of upgradeable programs.
    Loader,
}

/// One seed of a derived address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// Fixed bytes.
    Bytes(&'static [u8]),
    /// The address of another account of the instruction.
    Account(&'static str),
    /// An argument of the instruction.
    Argument(&'static str),
    /// An address that an account of the instruction holds: the account, its type, the field.
    Field(&'static str, &'static str, &'static str),
    /// The address of the token program.
    TokenProgram,
}

/// How one account is derived.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The name of the account.
    pub account: &'static str,
    /// The instructions to which the rule applies; all if there are none.
    pub instructions: &'static [&'static str],
    /// The program that owns the address.
    pub owner: Owner,
    /// The seeds, in order.
    pub seeds: &'static [Seed],
}

use self::{
    Owner::{AssociatedTokens, Jobs, Loader, Rewards, Staking},
    Seed::{Account, Argument, Bytes, Field, TokenProgram},
};

/// A rule for every instruction that has the account.
const fn derive(account: &'static str, owner: Owner, seeds: &'static [Seed]) -> Rule {
    Rule { account, instructions: &[], owner, seeds }
}

/// A rule for some instructions.
const fn derive_in(
    instructions: &'static [&'static str],
    account: &'static str,
    owner: Owner,
    seeds: &'static [Seed],
) -> Rule {
    Rule { account, instructions, owner, seeds }
}

const CONFIG: &[Seed] = &[Bytes(seeds::CONFIG)];
const VAULT: &[Seed] = &[Bytes(seeds::VAULT)];
const POOL: &[Seed] = &[Bytes(seeds::POOL)];
const NODE: &[Seed] = &[Bytes(seeds::NODE), Account("authority")];
const DELEGATION: &[Seed] = &[Bytes(seeds::DELEGATION), Account("stake"), Account("delegator")];
const STAKE_OF_NODE: &[Seed] = &[Bytes(seeds::STAKE), Field("node", "Node", "authority")];
const STAKE_OF_AUTHORITY: &[Seed] = &[Bytes(seeds::STAKE), Account("authority")];
const STAKE_OF_OWNER: &[Seed] = &[Bytes(seeds::STAKE), Account("owner")];
const POSITION_OF_OWNER: &[Seed] = &[Bytes(seeds::POSITION), Account("owner")];
const POSITION_OF_STAKE: &[Seed] = &[Bytes(seeds::POSITION), Account("stake")];
const DATA: &[Seed] = &[Account("program")];

/// The mint of a market's vault.
const MINT_OF_VAULT: Seed = Field("vault", "TokenAccount", "mint");
/// The token account for NOS of the signing authority.
const OF_AUTHORITY: &[Seed] =
    &[Account("authority"), TokenProgram, Field("config", "Config", "nos_mint")];
/// The same of an owner, by the staking program's configuration.
const OF_OWNER: &[Seed] = &[Account("owner"), TokenProgram, Field("config", "Config", "nos_mint")];
/// The same of an owner, by the reward pool.
const OF_OWNER_IN_POOL: &[Seed] =
    &[Account("owner"), TokenProgram, Field("pool", "Pool", "nos_mint")];

/// The instructions that the authority of a node signs.
const BY_NODE: &[&str] = &[
    "claim_seat",
    "commit_sketch",
    "enrol_panelist",
    "finish",
    "heartbeat",
    "leave",
    "open_trace",
    "quit",
    "register_node",
    "release_collateral",
    "reveal",
    "set_draining",
    "set_endpoint",
    "set_payout",
    "start",
    "update_hardware",
    "work",
];

/// The rules of the jobs program.
pub const JOBS: &[Rule] = &[
    derive("config", Jobs, CONFIG),
    derive("market", Jobs, &[Bytes(seeds::MARKET), Account("authority"), Argument("id")]),
    derive("queue", Jobs, &[Bytes(seeds::QUEUE), Account("market")]),
    derive("vault", Jobs, &[Bytes(seeds::VAULT), Account("market")]),
    derive("job", Jobs, &[Bytes(seeds::JOB), Account("client"), Argument("nonce")]),
    derive("panelists", Jobs, &[Bytes(seeds::PANELISTS)]),
    derive("dispute", Jobs, &[Bytes(seeds::DISPUTE), Account("job"), Argument("attempt_id")]),
    derive_in(BY_NODE, "node", Jobs, NODE),
    derive_in(BY_NODE, "stake", Staking, STAKE_OF_AUTHORITY),
    derive("stake", Staking, STAKE_OF_NODE),
    derive("stake_vault", Staking, VAULT),
    derive("position", Rewards, &[Bytes(seeds::POSITION), Field("node", "Node", "authority")]),
    derive("delegated_position", Rewards, POSITION_OF_STAKE),
    derive("program_data", Loader, DATA),
    derive_in(
        &["list", "assign"],
        "payer_token",
        AssociatedTokens,
        &[Account("payer"), TokenProgram, Field("config", "Config", "nos_mint")],
    ),
    derive_in(
        &["open_market"],
        "source",
        AssociatedTokens,
        &[Account("authority"), TokenProgram, Account("nos_mint")],
    ),
    derive_in(&["register_node", "set_payout"], "payout", AssociatedTokens, OF_AUTHORITY),
    derive_in(
        &["challenge"],
        "challenger_token",
        AssociatedTokens,
        &[Account("challenger"), TokenProgram, MINT_OF_VAULT],
    ),
    derive_in(&["top_up"], "source", AssociatedTokens, OF_AUTHORITY),
    derive_in(
        &["extend"],
        "payer_token",
        AssociatedTokens,
        &[Account("payer"), TokenProgram, MINT_OF_VAULT],
    ),
    derive_in(
        &["close_market", "collect"],
        "destination",
        AssociatedTokens,
        &[Account("authority"), TokenProgram, MINT_OF_VAULT],
    ),
];

/// The rules of the staking program.
pub const STAKING: &[Rule] = &[
    derive("config", Staking, CONFIG),
    derive("vault", Staking, VAULT),
    derive("stake", Staking, STAKE_OF_OWNER),
    derive("delegation", Staking, DELEGATION),
    derive("position", Rewards, POSITION_OF_OWNER),
    derive_in(
        &["slash"],
        "position",
        Rewards,
        &[Bytes(seeds::POSITION), Field("stake", "Stake", "owner")],
    ),
    derive("delegated_position", Rewards, POSITION_OF_STAKE),
    derive("pool_vault", Rewards, VAULT),
    derive("program_data", Loader, DATA),
    derive_in(&["open_stake", "top_up"], "source", AssociatedTokens, OF_OWNER),
    derive_in(&["claim_commission", "withdraw"], "destination", AssociatedTokens, OF_OWNER),
    derive_in(
        &["delegate"],
        "source",
        AssociatedTokens,
        &[Account("delegator"), TokenProgram, Field("config", "Config", "nos_mint")],
    ),
    derive_in(
        &["claim_delegated", "withdraw_delegated"],
        "destination",
        AssociatedTokens,
        &[
            Field("delegation", "Delegation", "delegator"),
            TokenProgram,
            Field("config", "Config", "nos_mint"),
        ],
    ),
];

/// The rules of the rewards program.
pub const REWARDS: &[Rule] = &[
    derive("pool", Rewards, POOL),
    derive("vault", Rewards, VAULT),
    derive("stream", Rewards, &[Bytes(seeds::STREAM), Account("owner"), Argument("id")]),
    derive_in(&["claim", "enter", "exit", "harvest"], "stake", Staking, STAKE_OF_OWNER),
    derive_in(&["enter"], "position", Rewards, POSITION_OF_OWNER),
    derive("delegated_position", Rewards, POSITION_OF_STAKE),
    derive_in(&["claim", "exit", "harvest"], "position", Rewards, POSITION_OF_OWNER),
    derive("program_data", Loader, DATA),
    derive_in(&["claim", "exit", "harvest"], "destination", AssociatedTokens, OF_OWNER_IN_POOL),
    derive_in(&["close_stream"], "destination", AssociatedTokens, OF_OWNER_IN_POOL),
    derive_in(&["open_stream"], "source", AssociatedTokens, OF_OWNER_IN_POOL),
    derive_in(
        &["fund"],
        "source",
        AssociatedTokens,
        &[Account("authority"), TokenProgram, Field("pool", "Pool", "nos_mint")],
    ),
];

//! The wallets, nodes and markets, by number: operations refer to wallets, jobs, nodes, markets and
//! token accounts by index. Every number is valid, so that an operation stays meaningful when those
//! before it are taken away.

use nosana_client::jobs::types::{Hardware, MarketTerms};
use nosana_tests::terms::{NOS, terms as common};
use solana_address::Address;

/// Authority of the programs, the mint and the markets; also the guardian.
pub const DEPLOYER: usize = 0;
/// Pays for other people's jobs.
pub const SPONSOR: usize = 3;
/// The wallet of the first node; the others follow.
pub const FIRST_NODE: usize = 4;
/// Has no rights, and tries everything.
pub const STRANGER: usize = 10;
/// Has a stake and no node.
pub const STAKER: usize = 11;
/// Wallets in all.
pub const WALLETS: usize = 12;
/// Nodes: so many that some have no seat in a full panel.
pub const NODES: usize = 6;
/// Markets.
pub const MARKETS: usize = 3;
/// Jobs that one client has at a time at most. A number is used again once its job was closed.
pub const NONCES: usize = 8;
/// The clients: two without a node, and one with a node.
pub const CLIENTS: [usize; 3] = [1, 2, FIRST_NODE];
/// Jobs in all.
pub const JOBS: usize = CLIENTS.len() * NONCES;
/// Token accounts: one a wallet, and a second one for each node.
pub const TOKEN_ACCOUNTS: usize = WALLETS + NODES;
/// Cells of each market's queue. Two are far too small, so that queues are full every now and then.
pub const CELLS: [usize; MARKETS] = [4, 200, 2];
/// The notice of each market's terms, in seconds.
pub const NOTICES: [u32; MARKETS] = [3_600, 3_600, 7_200];
/// The nodes' first stakes, in base units.
pub const STAKES: [u64; NODES] =
    [3_000 * NOS, 1_200 * NOS, 95 * NOS, 2_000 * NOS, 1_600 * NOS, 1_300 * NOS];
/// The duration of these stakes, in seconds: the shortest, so that a cooldown ends within a
/// sequence.
pub const COOLDOWN: u64 = 14 * 86_400;
/// How many variants of a market's terms there are.
pub const TERMS: usize = 27;
/// How many sketches of work there are.
pub const SKETCHES: usize = 5;
/// The token accounts that may be closed: those of the deployer, the stranger and the staker hold
/// what others leave.
pub const CLOSABLE: [usize; 15] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17];
/// Fee, deposit and longest timeout; the first is in force at the start.
pub const POLICIES: [(u16, u64, u64); 9] = [
    (1_000, 50 * NOS, MONTH),
    (500, 50 * NOS, MONTH),
    (2_500, 50 * NOS, MONTH),
    (0, 10 * NOS, MONTH),
    (1_000, 60 * NOS, MONTH),
    (1_000, 50 * NOS, 100),
    (2_501, 50 * NOS, MONTH),
    (1_000, 50 * NOS, 0),
    (1_000, 1_000_000_000_001, MONTH),
];

/// The longest timeout that any policy allows, in seconds.
pub const MONTH: u64 = 30 * 86_400;

/// The job of this number.
pub fn job(number: u8) -> usize {
    usize::from(number) % JOBS
}

/// The node of this number.
pub fn node(number: u8) -> usize {
    usize::from(number) % NODES
}

/// The market of this number.
pub fn market(number: u8) -> usize {
    usize::from(number) % MARKETS
}

/// The wallet of this number.
pub fn wallet(number: u8) -> usize {
    usize::from(number) % WALLETS
}

/// The token account of this number.
pub fn token_account(number: u8) -> usize {
    usize::from(number) % TOKEN_ACCOUNTS
}

/// The client of the job.
pub fn client_of(job: usize) -> usize {
    CLIENTS[job / NONCES]
}

/// The payer of the job: its client, the sponsor, or a node's owner.
pub fn payer_of(job: usize, number: u8) -> usize {
    [client_of(job), SPONSOR, FIRST_NODE][usize::from(number) % 3]
}

/// The wallet of a node.
pub const fn owner_of(node: usize) -> usize {
    FIRST_NODE + node
}

/// The wallet that owns this token account.
pub const fn holder_of(account: usize) -> usize {
    if account < WALLETS { account } else { owner_of(account - WALLETS) }
}

/// A token account that may be closed.
pub fn closable(number: u8) -> usize {
    CLOSABLE[usize::from(number) % CLOSABLE.len()]
}

/// A sketch of work. The first three agree with none of each other; the fourth agrees with the
/// first, and the last with the fourth, but not with the first.
pub fn sketch(number: u8) -> [u8; 32] {
    let (byte, turned) = match usize::from(number) % SKETCHES {
        0 => (0x3c, 0),
        1 => (0x55, 0),
        2 => (0x99, 0),
        3 => (0x3c, 2),
        _ => (0x3c, 4),
    };
    std::array::from_fn(|at| if at < turned { !byte } else { byte })
}

/// The hardware of a node.
pub const fn hardware(
    capacity: u8,
    vram_mib: u32,
    prompt_tokens_per_second: u32,
    blank: bool,
) -> Hardware {
    Hardware {
        digest: if blank { [0; 32] } else { [0x4a; 32] },
        vram_mib,
        prompt_tokens_per_second,
        capacity,
        capabilities: vram_mib % 7,
        memory_mib: prompt_tokens_per_second,
    }
}

/// Policy of this number.
pub fn policy(number: u8) -> (u16, u64, u64) {
    POLICIES[usize::from(number) % POLICIES.len()]
}

/// The terms of a market: with and without a challenge window, with and without collateral.
fn base_terms(market: usize) -> MarketTerms {
    let short = MarketTerms {
        max_timeout_seconds: 600,
        queue_seconds: 4_000,
        start_seconds: 30,
        heartbeat_seconds: 30,
        finish_grace_seconds: 30,
        retention_seconds: 40,
        max_attempts: 2,
        min_run_seconds: 25,
        min_timeout_seconds: 25,
        ..common()
    };
    match market {
        0 => short,
        1 => MarketTerms {
            price_per_second: 101,
            collateral_per_job: 12 * NOS,
            no_start_penalty: 3 * NOS,
            challenge_seconds: 150,
            panel_fee_bps: 2_500,
            dispute_seconds: 900,
            min_collateral_ratio: 60,
            queue_seconds: 300,
            start_seconds: 150,
            max_attempts: 1,
            max_parallel: 1,
            ..short
        },
        _ => MarketTerms {
            price_per_second: 3,
            min_xnos: 0,
            challenge_seconds: 30,
            collateral_per_job: 0,
            no_start_penalty: 0,
            min_vram_mib: 0,
            min_prompt_tokens_per_second: 0,
            start_seconds: 5,
            min_run_seconds: 0,
            min_timeout_seconds: 10,
            max_parallel: 2,
            ..short
        },
    }
}

/// A market's terms of this number: the first are those it has at the start, the last ones are out
/// of bounds.
pub fn terms(market: usize, number: u8) -> MarketTerms {
    let base = base_terms(market);
    match usize::from(number) % TERMS {
        1 => MarketTerms { price_per_second: base.price_per_second * 2 + 1, ..base },
        2 => MarketTerms { price_per_second: base.price_per_second / 2 + 1, ..base },
        3 => MarketTerms {
            collateral_per_job: base.collateral_per_job * 2,
            no_start_penalty: base.no_start_penalty / 2,
            start_seconds: base.start_seconds + 1,
            ..base
        },
        4 => MarketTerms {
            challenge_seconds: if base.challenge_seconds == 0 { 45 } else { 0 },
            ..base
        },
        5 => MarketTerms { access_collection: Address::new_from_array([9; 32]), ..base },
        6 => MarketTerms { min_reputation_bps: 5_001, ..base },
        7 => MarketTerms { min_vram_mib: 20_000, ..base },
        8 => MarketTerms { min_prompt_tokens_per_second: 5_000, ..base },
        9 => MarketTerms { min_xnos: base.min_xnos * 3 + NOS, ..base },
        10 => MarketTerms {
            max_parallel: 1,
            collateral_per_job: 3 * NOS,
            no_start_penalty: 0,
            ..base
        },
        11 => MarketTerms { max_timeout_seconds: 30, ..base },
        12 => MarketTerms {
            retention_seconds: 0,
            min_run_seconds: base.min_timeout_seconds,
            max_attempts: 3,
            ..base
        },
        13 => MarketTerms { price_per_second: u64::MAX, ..base },
        14 => MarketTerms { price_per_second: 0, ..base },
        15 => MarketTerms { start_seconds: if market == 0 { 29 } else { 4 }, ..base },
        16 => MarketTerms { no_start_penalty: base.collateral_per_job + 1, ..base },
        17 => MarketTerms { max_parallel: 17, ..base },
        18 => MarketTerms { max_timeout_seconds: MONTH + 1, ..base },
        19 => MarketTerms { heartbeat_seconds: 29, ..base },
        20 => MarketTerms { finish_grace_seconds: 29, ..base },
        21 => MarketTerms { min_timeout_seconds: 601, ..base },
        22 => MarketTerms { challenge_seconds: 29, ..base },
        24 => MarketTerms { panel_fee_bps: 0, dispute_seconds: 0, min_collateral_ratio: 0, ..base },
        25 => MarketTerms { panel_fee_bps: 2_499, dispute_seconds: 120, ..base },
        26 => MarketTerms { min_collateral_ratio: 3_000, collateral_per_job: 40 * NOS, ..base },
        23 => MarketTerms { min_run_seconds: base.min_timeout_seconds + 1, ..base },
        _ => base,
    }
}

/// An order for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub job: u8,
    pub payer: u8,
    pub market: u8,
    pub kind: u8,
    pub seconds: u64,
    /// The highest price that the client accepts.
    pub highest: u64,
    /// Without a definition.
    pub blank: bool,
}

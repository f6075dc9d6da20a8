//! Calls to the staking program, built on the stack: a program that depends on another one's crate
//! carries that program's entrypoint. A test compares the discriminators with the IDLs.
//!
//! Each is signed by this program's authority, which has no other use: it holds no tokens, so bad
//! code in the staking program could take none by it.
//!
//! The module is not named `cpi`: Anchor generates a module of that name for callers of this
//! program.

use anchor_lang::{
    pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed,
};
use nosana_program_common::ids;
use nosana_protocol::seeds;

/// Seeds by which this program signs its calls to staking.
const AUTHORITY_SEEDS: [&[u8]; 2] = [seeds::AUTHORITY, &[ids::JOBS_AUTHORITY_BUMP]];
/// `sha256("global:lock")[..8]` of the staking program.
pub const LOCK: [u8; 8] = [21, 19, 208, 43, 237, 62, 255, 87];
/// `sha256("global:release")[..8]` of the staking program.
pub const RELEASE: [u8; 8] = [253, 249, 15, 206, 28, 127, 193, 241];
/// `sha256("global:slash")[..8]` of the staking program.
pub const SLASH: [u8; 8] = [204, 141, 18, 161, 8, 177, 92, 142];

/// Bytes of the data of a slash without an amount for the reporter.
const SLASH_LEN_WITHOUT_AMOUNT: usize = 18;

/// Locks or releases `amount` base units of a stake. Calls nothing if `amount` is zero.
///
/// `authority` needs no check of its own: the runtime refuses the signature for any address other
/// than the PDA.
pub fn change_lock<'a>(
    instruction: [u8; 8],
    authority: CpiHandle<'a>,
    stake: CpiHandleMut<'a>,
    amount: u64,
) {
    if amount == 0 {
        return;
    }

    unchecked_invoke_signed_fixed(
        &ids::STAKING,
        &encode_amount(instruction, amount),
        &[
            InstructionAccount::readonly_signer(authority.address()),
            InstructionAccount::writable(stake.address()),
        ],
        &[authority, stake.into()],
        &[&AUTHORITY_SEEDS],
    );
}

/// The accounts of a slash, in the order that the staking program expects after authority,
/// configuration and stake.
pub struct SlashAccounts<'a> {
    /// The staking program's vault.
    pub stake_vault: CpiHandleMut<'a>,
    /// The reward pool.
    pub pool: CpiHandleMut<'a>,
    /// The mint of NOS, whose supply falls by what is burnt.
    pub nos_mint: CpiHandleMut<'a>,
    /// The reward position of the stake's owner.
    pub position: CpiHandleMut<'a>,
    /// The reward position of the delegations to the stake.
    pub delegated_position: CpiHandleMut<'a>,
    /// The token account that receives the reporter's share.
    pub reporter_token: CpiHandleMut<'a>,
    /// The rewards program.
    pub rewards_program: CpiHandle<'a>,
    /// The token program.
    pub token_program: CpiHandle<'a>,
}

/// Slashes `amount` base units of locked collateral for `reason`. `reporter_amount` of them go to
/// the reporter, or the share that staking sets if it is `None`; the rest is burnt. Calls nothing
/// if `amount` is zero.
pub fn slash_stake<'a>(
    authority: CpiHandle<'a>,
    staking_config: CpiHandle<'a>,
    stake: CpiHandleMut<'a>,
    rest: SlashAccounts<'a>,
    amount: u64,
    reason: u8,
    reporter_amount: Option<u64>,
) {
    if amount == 0 {
        return;
    }

    let data = encode_slash(amount, reason, reporter_amount);
    let length = if reporter_amount.is_some() { data.len() } else { SLASH_LEN_WITHOUT_AMOUNT };
    unchecked_invoke_signed_fixed(
        &ids::STAKING,
        data.get(..length).unwrap_or(&data),
        &[
            InstructionAccount::readonly_signer(authority.address()),
            InstructionAccount::readonly(staking_config.address()),
            InstructionAccount::writable(stake.address()),
            InstructionAccount::writable(rest.stake_vault.address()),
            InstructionAccount::writable(rest.pool.address()),
            InstructionAccount::writable(rest.nos_mint.address()),
            InstructionAccount::writable(rest.position.address()),
            InstructionAccount::writable(rest.delegated_position.address()),
            InstructionAccount::writable(rest.reporter_token.address()),
            InstructionAccount::readonly(rest.rewards_program.address()),
            InstructionAccount::readonly(rest.token_program.address()),
        ],
        &[
            authority,
            staking_config,
            stake.into(),
            rest.stake_vault.into(),
            rest.pool.into(),
            rest.nos_mint.into(),
            rest.position.into(),
            rest.delegated_position.into(),
            rest.reporter_token.into(),
            rest.rewards_program,
            rest.token_program,
        ],
        &[&AUTHORITY_SEEDS],
    );
}

/// Returns the data of a slash. The last eight bytes belong to it only if there is an amount for
/// the reporter.
fn encode_slash(amount: u64, reason: u8, reporter_amount: Option<u64>) -> [u8; 26] {
    let mut data = [0_u8; 26];
    let (head, tail) = data.split_at_mut(16);
    head.copy_from_slice(&encode_amount(SLASH, amount));
    let (flags, argument) = tail.split_at_mut(2);
    flags.copy_from_slice(&[reason, reporter_amount.is_some().into()]);
    argument.copy_from_slice(&reporter_amount.unwrap_or(0).to_le_bytes());
    data
}

/// Returns the data of an instruction whose only argument is an amount.
fn encode_amount(discriminator: [u8; 8], amount: u64) -> [u8; 16] {
    let mut data = [0_u8; 16];
    let (head, argument) = data.split_at_mut(8);
    head.copy_from_slice(&discriminator);
    argument.copy_from_slice(&amount.to_le_bytes());
    data
}

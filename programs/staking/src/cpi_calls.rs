//! Calls to the rewards program, which keep the weights of positions equal to those of stakes and
//! collect what they earn.
//!
//! The rewards program depends on this one for the layout of stakes, so its instructions are built
//! here by hand, on the stack; a test compares the discriminators with the IDL.
//!
//! No call carries the signature of the vault's authority. A stake signs for the position of its
//! delegations, and holds nothing else. `compound` passes on the owner's own signature, with no
//! account of the owner's beside the position.
//!
//! The module is not named `cpi`: Anchor generates a module of that name for callers of this
//! program.

use anchor_lang::{
    accounts::UncheckedAccount, pinocchio::instruction::InstructionAccount, prelude::*,
    unchecked_invoke_signed_fixed,
};
use anchor_spl::token::TokenAccount;
use nosana_program_common::ids;

use crate::{errors::StakingError, state::Stake};

/// `sha256("global:sync")[..8]`
pub const SYNC: [u8; 8] = [4, 219, 40, 164, 21, 157, 189, 88];
/// `sha256("global:claim")[..8]`
pub const CLAIM: [u8; 8] = [62, 198, 214, 193, 213, 159, 108, 210];
/// `sha256("global:harvest")[..8]`
pub const HARVEST: [u8; 8] = [228, 241, 31, 182, 53, 169, 59, 199];

/// Claims what `position` has earned from the reward pool's `vault` to `destination`.
pub fn claim_rewards<'a>(
    owner: CpiHandle<'a>,
    pool: CpiHandleMut<'a>,
    position: CpiHandleMut<'a>,
    stake: CpiHandle<'a>,
    vault: CpiHandleMut<'a>,
    destination: CpiHandleMut<'a>,
    token_program: CpiHandle<'a>,
) {
    unchecked_invoke_signed_fixed(
        &ids::REWARDS,
        &CLAIM,
        &[
            InstructionAccount::readonly_signer(owner.address()),
            InstructionAccount::writable(pool.address()),
            InstructionAccount::writable(position.address()),
            InstructionAccount::readonly(stake.address()),
            InstructionAccount::writable(vault.address()),
            InstructionAccount::writable(destination.address()),
            InstructionAccount::readonly(token_program.address()),
        ],
        &[
            owner,
            pool.into(),
            position.into(),
            stake,
            vault.into(),
            destination.into(),
            token_program,
        ],
        &[],
    );
}

/// Settles `position` and gives it the stake's new weight. Does nothing if the position does not
/// exist.
///
/// `until_now` is the stake's weight before the change, at which the past counts at most: the
/// position has more if the stake was left unsettled.
///
/// The caller has checked that `position` is the address that the stake names, so a position cannot
/// be left out.
pub fn sync_position(
    pool: &mut UncheckedAccount,
    position: &mut UncheckedAccount,
    stake: &mut Account<Stake>,
    until_now: u64,
) {
    if !position.account().owned_by(&ids::REWARDS) {
        return;
    }

    stake.begin_settlement(until_now);

    let pool = pool.cpi_handle_mut();
    let position = position.cpi_handle_mut();
    let read = stake.cpi_handle();
    unchecked_invoke_signed_fixed(
        &ids::REWARDS,
        &SYNC,
        &[
            InstructionAccount::writable(pool.address()),
            InstructionAccount::writable(position.address()),
            InstructionAccount::readonly(read.address()),
        ],
        &[pool.into(), position.into(), read],
        &[],
    );

    stake.end_settlement();
}

/// Collects what the delegations of `stake` have earned into the vault of all stakes, gives their
/// position the weight that the stake stores, and returns the amount collected.
///
/// `until_now` is the delegated weight before the change, as in [`sync_position`].
pub fn harvest_delegations(
    pool: &mut UncheckedAccount,
    position: &mut UncheckedAccount,
    pool_vault: &mut UncheckedAccount,
    stake: &mut Account<Stake>,
    until_now: u64,
    vault: &mut Account<TokenAccount>,
    token_program: &Program<Token>,
) -> Result<u64> {
    let before = vault.amount();
    let owner = stake.owner;
    let bump = [stake.bump];
    stake.begin_settlement(until_now);

    let read = stake.cpi_handle();
    let pool = pool.cpi_handle_mut();
    let position = position.cpi_handle_mut();
    let pool_vault = pool_vault.cpi_handle_mut();
    let destination = vault.cpi_handle_mut();
    let token_program = token_program.cpi_handle();
    unchecked_invoke_signed_fixed(
        &ids::REWARDS,
        &HARVEST,
        &[
            InstructionAccount::readonly_signer(read.address()),
            InstructionAccount::writable(pool.address()),
            InstructionAccount::writable(position.address()),
            InstructionAccount::readonly(read.address()),
            InstructionAccount::writable(pool_vault.address()),
            InstructionAccount::writable(destination.address()),
            InstructionAccount::readonly(token_program.address()),
        ],
        &[
            read,
            pool.into(),
            position.into(),
            read,
            pool_vault.into(),
            destination.into(),
            token_program,
        ],
        &[&Stake::signer_seeds(&owner, &bump)],
    );

    stake.end_settlement();
    Ok(vault.amount().checked_sub(before).ok_or(StakingError::Overflow)?)
}

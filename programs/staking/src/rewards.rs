//! The call to the rewards program that keeps a position's weight equal to its stake's.
//!
//! The rewards program depends on this one for the layout of stakes, so its instruction is built here by hand; a test
//! compares the discriminators with the IDL.

use anchor_lang::{
    accounts::UncheckedAccount, pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed,
};
use nosana_onchain::ids;

use crate::state::Stake;

/// `sha256("global:sync")[..8]`
pub const SYNC: [u8; 8] = [4, 219, 40, 164, 21, 157, 189, 88];
/// `sha256("global:fund")[..8]`
pub const FUND: [u8; 8] = [218, 188, 111, 221, 152, 113, 174, 7];

/// `sha256("global:claim")[..8]`
pub const CLAIM: [u8; 8] = [62, 198, 214, 193, 213, 159, 108, 210];

/// Claims what `position` has earned from the reward pool's `vault` to `destination`.
pub fn claim<'a>(
    owner: CpiHandle<'a>,
    pool: CpiHandleMut<'a>,
    position: CpiHandleMut<'a>,
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
            InstructionAccount::writable(vault.address()),
            InstructionAccount::writable(destination.address()),
            InstructionAccount::readonly(token_program.address()),
        ],
        &[owner, pool.into(), position.into(), vault.into(), destination.into(), token_program],
        &[],
    );
}

/// Settles the stake's position and gives it the stake's new weight. Does nothing if the owner has no position.
///
/// The caller has checked that `position` is the address that the stake names, so a position cannot be left out.
pub fn sync_position(
    pool: &mut UncheckedAccount,
    position: &mut UncheckedAccount,
    stake: &Account<Stake>,
    program: &UncheckedAccount,
) -> Result<()> {
    if !position.account().owned_by(&ids::REWARDS) {
        return Ok(());
    }
    let (pool, position, stake) = (pool.cpi_handle_mut(), position.cpi_handle_mut(), stake.cpi_handle());
    let program = program.cpi_handle();
    unchecked_invoke_signed_fixed(
        &ids::REWARDS,
        &SYNC,
        &[
            InstructionAccount::writable(pool.address()),
            InstructionAccount::writable(position.address()),
            InstructionAccount::readonly(stake.address()),
        ],
        &[pool.into(), position.into(), stake],
        &[],
    );
    let _ = program;
    Ok(())
}

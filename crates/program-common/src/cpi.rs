//! The call that funds the reward pool, which both the staking and the jobs program make.
//!
//! The instruction is built on the stack: a program that depends on another one's crate carries
//! that program's entrypoint. A test compares the discriminator and the accounts with the IDL.

use anchor_lang::{
    pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed,
};

use crate::ids;

/// `sha256("global:fund")[..8]` of the rewards program.
pub const FUND: [u8; 8] = [218, 188, 111, 221, 152, 113, 174, 7];

/// Funds the reward pool with `amount` base units from `source`, signed by `authority` with
/// `signer_seeds`.
pub fn fund_pool<'a>(
    authority: CpiHandle<'a>,
    pool: CpiHandleMut<'a>,
    pool_vault: CpiHandleMut<'a>,
    source: CpiHandleMut<'a>,
    token_program: CpiHandle<'a>,
    amount: u64,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    unchecked_invoke_signed_fixed(
        &ids::REWARDS,
        &encode_amount(FUND, amount),
        &[
            InstructionAccount::readonly_signer(authority.address()),
            InstructionAccount::writable(pool.address()),
            InstructionAccount::writable(pool_vault.address()),
            InstructionAccount::writable(source.address()),
            InstructionAccount::readonly(token_program.address()),
        ],
        &[authority, pool.into(), pool_vault.into(), source.into(), token_program],
        signer_seeds,
    );
}

/// Returns the data of an instruction whose only argument is an amount.
pub fn encode_amount(discriminator: [u8; 8], amount: u64) -> [u8; 16] {
    let mut data = [0_u8; 16];
    let (head, argument) = data.split_at_mut(8);
    head.copy_from_slice(&discriminator);
    argument.copy_from_slice(&amount.to_le_bytes());
    data
}

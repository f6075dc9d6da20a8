//! Calls of the system program and of the token program, built on the stack as the programs build
//! theirs.

use core::{mem::MaybeUninit, slice};

use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::{CpiAccount, Seed, Signer, invoke_signed_unchecked},
    instruction::{InstructionAccount, InstructionView},
};
use pinocchio_system::instructions::CreateAccount;

/// The classic SPL Token program.
const TOKEN: Address = Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// Data of a transfer of one base unit: the token program's tag of `Transfer`, the amount.
const TRANSFER: [u8; 9] = [3, 1, 0, 0, 0, 0, 0, 0, 0];
/// Data of two transfers of one base unit: the token program's tag of `Batch`; for each, its number
/// of accounts, its bytes, and the data above.
const TRANSFERS: [u8; 23] = [255, 3, 9, 3, 1, 0, 0, 0, 0, 0, 0, 0, 3, 9, 3, 1, 0, 0, 0, 0, 0, 0, 0];

/// Creates an account of `program` with `space` bytes at the address of the seeds; `funder` pays
/// the rent.
#[inline(always)]
pub fn create_account(
    program: &Address,
    funder: &AccountView,
    created: &AccountView,
    space: u16,
    seeds: [&[u8]; 4],
) -> ProgramResult {
    let seeds = as_signer_seeds(seeds);
    CreateAccount::with_minimum_balance(funder, created, space.into(), program, None)?
        .invoke_signed(&[Signer::from(&seeds)])
}

/// Returns the seeds as the runtime reads them. It joins them: an empty one changes nothing.
#[inline(always)]
pub fn as_signer_seeds([first, second, third, bump]: [&[u8]; 4]) -> [Seed<'_>; 4] {
    [Seed::from(first), Seed::from(second), Seed::from(third), Seed::from(bump)]
}

/// Transfers one base unit.
#[inline(always)]
pub fn transfer_one(
    from: &AccountView,
    to: &AccountView,
    authority: &AccountView,
    signers: &[Signer],
) {
    let metas = [
        InstructionAccount::writable(from.address()),
        InstructionAccount::writable(to.address()),
        InstructionAccount::readonly_signer(authority.address()),
    ];
    invoke_token(&TRANSFER, &metas, [from, to, authority], signers);
}

/// Transfers one base unit to each of two accounts, in one call.
#[inline(always)]
pub fn transfer_both(
    from: &AccountView,
    [first, second]: [&AccountView; 2],
    authority: &AccountView,
    signers: &[Signer],
) {
    let metas = [
        InstructionAccount::writable(from.address()),
        InstructionAccount::writable(first.address()),
        InstructionAccount::readonly_signer(authority.address()),
        InstructionAccount::writable(from.address()),
        InstructionAccount::writable(second.address()),
        InstructionAccount::readonly_signer(authority.address()),
    ];
    let accounts = [from, first, authority, from, second, authority];
    invoke_token(&TRANSFERS, &metas, accounts, signers);
}

/// Calls the token program.
#[inline(always)]
fn invoke_token<const N: usize>(
    data: &[u8],
    metas: &[InstructionAccount; N],
    accounts: [&AccountView; N],
    signers: &[Signer],
) {
    let instruction = InstructionView { program_id: &TOKEN, data, accounts: metas };
    let mut infos = [const { MaybeUninit::<CpiAccount>::uninit() }; N];
    for (account, info) in accounts.iter().zip(&mut infos) {
        CpiAccount::init_from_account_view(account, info);
    }

    // SAFETY: each of the `N` elements has been initialized.
    let infos = unsafe { slice::from_raw_parts(infos.as_ptr().cast::<CpiAccount>(), N) };
    // SAFETY: no data of these accounts is borrowed.
    unsafe { invoke_signed_unchecked(&instruction, infos, signers) };
}

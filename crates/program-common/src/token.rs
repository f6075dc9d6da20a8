//! Tokens move through this module only.
//!
//! The instruction is built on the stack: `anchor_spl`'s own helpers go through the heap and the
//! interface crate, which costs 2,600 compute units more a transfer.

use anchor_lang::{
    pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed,
};

use crate::ids;

/// SPL Token's tag of `Transfer`.
const TRANSFER: u8 = 3;
/// The token program's tag of `Batch`.
const BATCH: u8 = 255;
/// Bytes of a transfer in a batch: number of accounts, number of bytes, tag, amount.
const BATCHED_TRANSFER: usize = 11;
/// SPL Token's tag of `CloseAccount`.
const CLOSE_ACCOUNT: u8 = 9;
/// Size of an SPL token account, in bytes.
const ACCOUNT_LEN: usize = 165;
/// Where an SPL token account holds its mint.
const MINT: core::ops::Range<usize> = 0..32;
/// Where an SPL token account holds its owner.
const OWNER: core::ops::Range<usize> = 32..64;
/// Where an SPL token account holds its amount.
const AMOUNT: core::ops::Range<usize> = 64..72;
/// Where an SPL token account holds its state: 1 is open, 2 is frozen.
const STATE: usize = 108;
const STATE_OPEN: u8 = 1;

/// Moves `amount` base units from `from` to `to`, signed by `authority`. A zero amount moves
/// nothing and costs nothing.
///
/// The token program checks that both accounts are open, of one mint, and that `authority` may
/// spend. A failure there fails the whole transaction. Both handles hold exclusive Rust borrows, so
/// no typed view of them can be alive.
pub fn transfer<'a>(
    from: CpiHandleMut<'a>,
    to: CpiHandleMut<'a>,
    authority: CpiHandle<'a>,
    amount: u64,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    if amount == 0 {
        return;
    }
    let mut data = [0_u8; 9];
    let (tag, rest) = data.split_at_mut(1);
    tag.fill(TRANSFER);
    rest.copy_from_slice(&amount.to_le_bytes());
    unchecked_invoke_signed_fixed(
        &ids::TOKEN,
        &data,
        &[
            InstructionAccount::writable(from.address()),
            InstructionAccount::writable(to.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[from.into(), to.into(), authority],
        signer_seeds,
    );
}

/// Moves tokens from `from` to two accounts in one call, which costs 1,000 compute units less than
/// two. The token program checks both transfers as it would check each alone.
///
/// `Batch` is an instruction of the token program that mainnet runs (p-token). A cluster with an
/// older one refuses it.
pub fn transfer_both<'a>(
    from: CpiHandleMut<'a>,
    (first, first_amount): (CpiHandleMut<'a>, u64),
    (second, second_amount): (CpiHandleMut<'a>, u64),
    authority: CpiHandle<'a>,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    let mut data = [0_u8; 1 + 2 * BATCHED_TRANSFER];
    let (tag, rest) = data.split_at_mut(1);
    tag.fill(BATCH);
    for (part, amount) in rest.chunks_exact_mut(BATCHED_TRANSFER).zip([first_amount, second_amount])
    {
        let (header, amount_bytes) = part.split_at_mut(3);
        // Three accounts, nine bytes of data, of which the first is the tag.
        header.copy_from_slice(&[3, 9, TRANSFER]);
        amount_bytes.copy_from_slice(&amount.to_le_bytes());
    }
    let from: CpiHandle<'a> = from.into();
    unchecked_invoke_signed_fixed(
        &ids::TOKEN,
        &data,
        &[
            InstructionAccount::writable(from.address()),
            InstructionAccount::writable(first.address()),
            InstructionAccount::readonly_signer(authority.address()),
            InstructionAccount::writable(from.address()),
            InstructionAccount::writable(second.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[from, first.into(), authority, from, second.into(), authority],
        signer_seeds,
    );
}

/// Closes the empty token account `account` of `authority`; its rent goes to `destination`.
pub fn close<'a>(
    account: CpiHandleMut<'a>,
    destination: CpiHandleMut<'a>,
    authority: CpiHandle<'a>,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    unchecked_invoke_signed_fixed(
        &ids::TOKEN,
        &[CLOSE_ACCOUNT],
        &[
            InstructionAccount::writable(account.address()),
            InstructionAccount::writable(destination.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[account.into(), destination.into(), authority],
        signer_seeds,
    );
}

/// The mint of the token account, if `holder` owns it and it is not empty.
pub fn mint_held_by(account: &AccountView, holder: &Address) -> Option<Address> {
    if !belongs_to(account, holder) {
        return None;
    }
    let data = account.try_borrow().ok()?;
    let amount = u64::from_le_bytes(data.get(AMOUNT)?.try_into().ok()?);
    let mint: [u8; 32] = data.get(MINT)?.try_into().ok()?;
    (data.len() == ACCOUNT_LEN && amount > 0).then_some(mint.into())
}

/// Whether `account` can receive tokens of `mint`: an open account of the classic token program.
///
/// A settlement asks this first, so that a closed or frozen account of one party cannot stop the
/// other's money.
pub fn can_receive(account: &AccountView, mint: &Address) -> bool {
    if !account.owned_by(&ids::TOKEN) {
        return false;
    }
    let Ok(data) = account.try_borrow() else { return false };
    data.len() == ACCOUNT_LEN
        && data.get(MINT) == Some(mint.as_ref())
        && data.get(STATE) == Some(&STATE_OPEN)
}

/// Whether `wallet` owns the token account.
pub fn belongs_to(account: &AccountView, wallet: &Address) -> bool {
    account.owned_by(&ids::TOKEN)
        && account.try_borrow().is_ok_and(|data| data.get(OWNER) == Some(wallet.as_ref()))
}

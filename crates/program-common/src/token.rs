//! Transfers and burning of tokens, and what the programs read of token accounts. No other code
//! moves tokens.
//!
//! The instructions are built on the stack: the helpers of `anchor_spl` go through the heap and the
//! interface crate, which costs 2,600 compute units more per transfer.

use anchor_lang::{
    pinocchio::instruction::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed,
};

use crate::ids;

/// The token program's tag of `Transfer`.
const TRANSFER_TAG: u8 = 3;
/// The token program's tag of `Burn`.
const BURN_TAG: u8 = 8;
/// The token program's tag of `Batch`.
const BATCH_TAG: u8 = 255;
/// Bytes of a transfer in a batch: number of accounts, number of bytes, tag, amount.
const BATCHED_TRANSFER_LEN: usize = 11;
/// The token program's tag of `CloseAccount`.
const CLOSE_ACCOUNT_TAG: u8 = 9;
/// Length of a token account, in bytes.
const ACCOUNT_LEN: usize = 165;
/// Bytes of a token account that hold its mint.
const MINT_RANGE: core::ops::Range<usize> = 0..32;
/// Bytes of a token account that hold its owner.
const OWNER_RANGE: core::ops::Range<usize> = 32..64;
/// Bytes of a token account that hold its amount.
const AMOUNT_RANGE: core::ops::Range<usize> = 64..72;
/// Byte of a token account that holds its state: 1 is open, 2 is frozen.
const STATE_OFFSET: usize = 108;
/// State of an open token account.
const STATE_OPEN: u8 = 1;

/// Transfers `amount` base units from `from` to `to`, signed by `authority`. Does nothing if
/// `amount` is zero.
///
/// The token program checks that both accounts are open, of one mint, and that `authority` may
/// spend; its failure fails the whole transaction. Both handles hold exclusive Rust borrows, so no
/// typed view of the accounts can be alive.
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

    invoke_signed(&encode_amount(TRANSFER_TAG, amount), from, to, authority, signer_seeds);
}

/// Burns `amount` base units in `from`, signed by `authority`: the supply of `mint` falls by as
/// much. Does nothing if `amount` is zero.
///
/// The token program checks that the account is open, that `mint` is its mint, and that `authority`
/// may spend; its failure fails the whole transaction. Both handles hold exclusive Rust borrows, so
/// no typed view of the accounts can be alive.
pub fn burn<'a>(
    from: CpiHandleMut<'a>,
    mint: CpiHandleMut<'a>,
    authority: CpiHandle<'a>,
    amount: u64,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    if amount == 0 {
        return;
    }

    invoke_signed(&encode_amount(BURN_TAG, amount), from, mint, authority, signer_seeds);
}

/// Transfers tokens from `from` to two accounts in one call, which costs 1,000 compute units less
/// than two calls. The token program checks each transfer as if it were alone.
///
/// `Batch` is an instruction of the token program that mainnet runs (p-token). A cluster with an
/// older token program refuses it.
pub fn transfer_both<'a>(
    from: CpiHandleMut<'a>,
    (first, first_amount): (CpiHandleMut<'a>, u64),
    (second, second_amount): (CpiHandleMut<'a>, u64),
    authority: CpiHandle<'a>,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    let mut data = [0_u8; 1 + 2 * BATCHED_TRANSFER_LEN];
    let (tag, transfers) = data.split_at_mut(1);
    tag.fill(BATCH_TAG);
    let amounts = [first_amount, second_amount];
    for (transfer, amount) in transfers.chunks_exact_mut(BATCHED_TRANSFER_LEN).zip(amounts) {
        let (header, argument) = transfer.split_at_mut(3);
        // Three accounts, nine bytes of data, of which the first is the tag.
        header.copy_from_slice(&[3, 9, TRANSFER_TAG]);
        argument.copy_from_slice(&amount.to_le_bytes());
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

/// Closes the empty token account `account` of `authority` and refunds its rent to `destination`.
pub fn close_account<'a>(
    account: CpiHandleMut<'a>,
    destination: CpiHandleMut<'a>,
    authority: CpiHandle<'a>,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    invoke_signed(&[CLOSE_ACCOUNT_TAG], account, destination, authority, signer_seeds);
}

/// Calls the token program with two accounts that it changes and the authority that signs. Inlined,
/// so that sharing it costs no compute units.
#[inline(always)]
fn invoke_signed<'a>(
    data: &[u8],
    first: CpiHandleMut<'a>,
    second: CpiHandleMut<'a>,
    authority: CpiHandle<'a>,
    signer_seeds: &'a [&'a [&'a [u8]]],
) {
    unchecked_invoke_signed_fixed(
        &ids::TOKEN,
        data,
        &[
            InstructionAccount::writable(first.address()),
            InstructionAccount::writable(second.address()),
            InstructionAccount::readonly_signer(authority.address()),
        ],
        &[first.into(), second.into(), authority],
        signer_seeds,
    );
}

/// Returns the data of an instruction of the token program whose only argument is an amount.
fn encode_amount(tag: u8, amount: u64) -> [u8; 9] {
    let mut data = [0_u8; 9];
    let (head, argument) = data.split_at_mut(1);
    head.fill(tag);
    argument.copy_from_slice(&amount.to_le_bytes());
    data
}

/// Returns the mint of the token account, or `None` if `holder` does not own it or it is empty.
pub fn mint_held_by(account: &AccountView, holder: &Address) -> Option<Address> {
    if !belongs_to(account, holder) {
        return None;
    }

    let data = account.try_borrow().ok()?;
    let amount = u64::from_le_bytes(data.get(AMOUNT_RANGE)?.try_into().ok()?);
    let mint: [u8; 32] = data.get(MINT_RANGE)?.try_into().ok()?;

    (data.len() == ACCOUNT_LEN && amount > 0).then_some(mint.into())
}

/// Returns whether `account` can receive tokens of `mint`: it is an open account of the classic
/// token program.
///
/// A settlement checks this before it pays, so that a closed or frozen account of one party cannot
/// block the payment to the other.
pub fn can_receive(account: &AccountView, mint: &Address) -> bool {
    if !account.owned_by(&ids::TOKEN) {
        return false;
    }

    let Ok(data) = account.try_borrow() else { return false };

    data.len() == ACCOUNT_LEN
        && data.get(MINT_RANGE) == Some(mint.as_ref())
        && data.get(STATE_OFFSET) == Some(&STATE_OPEN)
}

/// Returns whether `wallet` owns the token account.
pub fn belongs_to(account: &AccountView, wallet: &Address) -> bool {
    account.owned_by(&ids::TOKEN)
        && account.try_borrow().is_ok_and(|data| data.get(OWNER_RANGE) == Some(wallet.as_ref()))
}

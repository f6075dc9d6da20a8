//! The worst code that could be called, for tests: it takes all that the signatures which reach it
//! can move, and otherwise succeeds. It is never deployed.
//!
//! A test puts it at the address of a program of ours and calls the others. If one of them passed
//! on the signature of a vault's authority beside the vault, its tokens would be gone.

use anchor_lang::{pinocchio, prelude::*};
use nosana_program_common::{ids, token};

#[cfg(not(feature = "no-entrypoint"))]
pinocchio::entrypoint!(take_everything);

/// Where the amount of a token account is.
const AMOUNT_RANGE: core::ops::Range<usize> = 64..72;

/// Empties each token account whose owner has signed, into the next token account of the call.
pub fn take_everything(
    _program: &Address,
    accounts: &mut [AccountView],
    _data: &[u8],
) -> Result<()> {
    for from in accounts.iter() {
        let owner = accounts
            .iter()
            .find(|signer| signer.is_signer() && token::belongs_to(from, signer.address()));
        let to = accounts.iter().find(|to| {
            to.owned_by(&ids::TOKEN) && to.is_writable() && to.address() != from.address()
        });
        let (Some(owner), Some(to)) = (owner, to) else { continue };

        let amount = read_amount(from)?;
        let (mut source, mut destination) = (*from, *to);
        token::transfer(
            CpiHandleMut::writable(&mut source),
            CpiHandleMut::writable(&mut destination),
            CpiHandle::readonly(owner),
            amount,
            &[],
        );
    }
    Ok(())
}

/// Returns the base units in a token account.
fn read_amount(account: &AccountView) -> Result<u64> {
    let data = account.try_borrow()?;
    let amount = data.get(AMOUNT_RANGE).and_then(|bytes| bytes.try_into().ok());
    Ok(u64::from_le_bytes(amount.ok_or(ProgramError::InvalidAccountData)?))
}

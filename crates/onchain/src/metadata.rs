//! The metadata of a token, as the Token Metadata program (Metaplex) stores it, as far as it names a collection.
//!
//! Layout, borsh: key, update authority, mint, name, symbol, URI, seller fee, optional creators, two flags, optional
//! edition nonce, optional token standard, optional collection (verified, address). Strings and lists carry a 4-byte
//! length, options a byte.

use anchor_lang::prelude::*;

/// The Token Metadata program, the only owner of accounts of this layout.
pub const PROGRAM: Address = Address::from_str_const("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");

/// The first byte of a metadata account.
const METADATA_V1: u8 = 4;
/// Bytes of a creator: address, verified, share.
const CREATOR: usize = 34;

/// Whether `account` is the metadata of `mint` and says, verified, that it belongs to `collection`.
pub fn is_in_collection(account: &AccountView, mint: &Address, collection: &Address) -> bool {
    account.owned_by(&PROGRAM)
        && account.try_borrow().is_ok_and(|data| collection_of(&data, mint) == Some(*collection.as_array()))
}

/// The verified collection that the metadata `data` of `mint` names.
fn collection_of(data: &[u8], mint: &Address) -> Option<[u8; 32]> {
    let mut rest = data;
    let key = take(&mut rest, 1)?;
    let _update_authority = take(&mut rest, 32)?;
    if key != [METADATA_V1] || take(&mut rest, 32)? != mint.as_ref() {
        return None;
    }
    for _ in ["name", "symbol", "uri"] {
        let length = length(&mut rest)?;
        take(&mut rest, length)?;
    }
    let _seller_fee_bps = take(&mut rest, 2)?;
    if some(&mut rest)? {
        let creators = length(&mut rest)?;
        take(&mut rest, creators.checked_mul(CREATOR)?)?;
    }
    let _sold_and_mutable = take(&mut rest, 2)?;
    for _ in ["edition nonce", "token standard"] {
        if some(&mut rest)? {
            take(&mut rest, 1)?;
        }
    }
    let verified = some(&mut rest)? && some(&mut rest)?;
    if verified { take(&mut rest, 32)?.try_into().ok() } else { None }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn length(rest: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(take(rest, 4)?.try_into().ok()?)).ok()
}

fn some(rest: &mut &[u8]) -> Option<bool> {
    match take(rest, 1)? {
        [0] => Some(false),
        [1] => Some(true),
        _ => None,
    }
}

//! The metadata of a token, as far as it gives its holder access to a market. How its bytes are
//! read is decided in [`nosana_protocol::metadata`].

use anchor_lang::prelude::*;
use nosana_protocol::metadata;

/// The Token Metadata program, the only owner of accounts of this layout.
pub const PROGRAM: Address = Address::new_from_array(metadata::PROGRAM);

/// Returns whether `account` is the metadata of `mint` and names `collection`, verified.
pub fn is_in_collection(account: &AccountView, mint: &Address, collection: &Address) -> bool {
    account.owned_by(&PROGRAM)
        && account.try_borrow().is_ok_and(|data| {
            metadata::collection_of(&data, mint.as_array()) == Some(*collection.as_array())
        })
}

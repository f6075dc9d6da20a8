//! The metadata of a token, as far as it opens a market to its holder. What its bytes say is
//! decided in [`nosana_protocol::metadata`].

use anchor_lang::prelude::*;
use nosana_protocol::metadata;

/// The Token Metadata program, the only owner of accounts of this layout.
pub const PROGRAM: Address = Address::new_from_array(metadata::PROGRAM);

/// Whether `account` is the metadata of `mint` and says, verified, that it belongs to `collection`.
pub fn is_in_collection(account: &AccountView, mint: &Address, collection: &Address) -> bool {
    account.owned_by(&PROGRAM)
        && account.try_borrow().is_ok_and(|data| {
            metadata::collection_of(&data, mint.as_array()) == Some(*collection.as_array())
        })
}

//! Access collections: whether a node holds a token of a verified collection.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use nosana_program_common::{metadata, token};

use crate::errors::JobsError;

/// Fails unless `holder` holds a token whose metadata names `collection`, verified. Passes if
/// `collection` is zero.
///
/// `work` and `start` call it. A token that is transferred in between gives access to a second
/// node: a collection whose access must not be shared needs tokens that cannot be transferred.
// Most markets have no collection: the call would cost each job more than the check.
#[inline(always)]
pub fn check_access(
    collection: &Address,
    holder: &Address,
    token: &Option<UncheckedAccount>,
    metadata: &Option<UncheckedAccount>,
) -> Result<()> {
    if *collection == Address::default() {
        return Ok(());
    }

    let (Some(token), Some(metadata)) = (token, metadata) else {
        return Err(JobsError::NoAccess.into());
    };
    let mint = token::mint_held_by(token.account(), holder).ok_or(JobsError::NoAccess)?;
    require!(
        metadata::is_in_collection(metadata.account(), &mint, collection),
        JobsError::NoAccess
    );
    Ok(())
}

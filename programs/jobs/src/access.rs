//! Whether a node holds a token of a verified collection.

use anchor_lang::{accounts::UncheckedAccount, prelude::*};
use nosana_program_common::{metadata, token};

use crate::errors::JobsError;

/// Fails unless `holder` holds a token whose metadata names `collection`, verified. A zero
/// collection asks for nothing.
///
/// It is checked when work is taken and when it starts. A token that is passed on in between opens
/// another node's door: a collection that must not be shared has to be of tokens that cannot be
/// transferred.
pub fn check(
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

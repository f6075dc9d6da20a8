//! The parts of a listing: a definition in the store, and a number.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use nosana_job_spec::{ContentId, JobDefinition, Salt};
use solana_keypair::Keypair;

use crate::commands::context::CliContext;

/// Stores the definition with a new salt: everybody can read its digest, and neither a private job
/// nor the twin of a verified one may be recognized by it.
pub fn store_salted(ctx: &CliContext, definition: &JobDefinition) -> Result<ContentId> {
    let salt = Some(Salt(*Keypair::new().secret_bytes()));
    let salted = JobDefinition { salt, ..definition.clone() };
    Ok(ctx.store.put_json(&salted)?)
}

/// A number that no other job of this client has: the time in microseconds.
pub fn new_nonce() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

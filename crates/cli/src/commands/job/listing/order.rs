//! The part of a listing that is in the store: its definition.

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

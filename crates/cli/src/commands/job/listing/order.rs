//! The parts of a listing: a definition in the store, and a number.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
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
///
/// # Errors
/// If this machine's clock tells no time that distinguishes one job from the next.
pub fn new_nonce() -> Result<u64> {
    number_by_time(SystemTime::now())
}

fn number_by_time(now: SystemTime) -> Result<u64> {
    let elapsed = now.duration_since(UNIX_EPOCH).ok();
    elapsed.and_then(|elapsed| u64::try_from(elapsed.as_micros()).ok()).context(
        "this machine's clock is wrong, and jobs are numbered by it: set it, for instance by NTP \
         (`timedatectl set-ntp 1`)",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn jobs_are_numbered_by_a_clock_that_is_right() {
        let micros = 1_764_412_345_000_000;
        let now = UNIX_EPOCH + Duration::from_micros(micros);
        assert_eq!(number_by_time(now).unwrap(), micros);

        // All jobs would have the number 0, and the second could not be listed.
        let before_1970 = UNIX_EPOCH - Duration::from_secs(1);
        let error = number_by_time(before_1970).unwrap_err().to_string();
        assert!(error.contains("clock"), "{error}");
    }
}

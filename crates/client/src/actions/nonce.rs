//! The number of a new job.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::ClientError;

/// Returns a nonce that no other job of this client has: the unix time in microseconds.
///
/// # Errors
/// If this machine's clock has no time that distinguishes one job from the next.
pub fn new_nonce() -> Result<u64, ClientError> {
    number_by_time(SystemTime::now())
}

fn number_by_time(now: SystemTime) -> Result<u64, ClientError> {
    let elapsed = now.duration_since(UNIX_EPOCH).ok();
    let micros = elapsed.and_then(|elapsed| u64::try_from(elapsed.as_micros()).ok());

    micros.ok_or(ClientError::WrongClock)
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

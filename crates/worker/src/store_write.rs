//! Writes to the content store, which are tried again: finished work must survive an IPFS node that
//! pauses and a disk that is full for a while.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use nosana_sandbox::CancelToken;
use nosana_store::StoreError;

/// The pause after the first failure.
const MIN_DELAY: Duration = Duration::from_secs(1);
/// The longest pause between two tries.
const MAX_DELAY: Duration = Duration::from_secs(15);
/// How often a pause checks whether the job was cancelled.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How long a write is tried that nothing cancels when the job's time is over.
pub(crate) const UNBOUNDED_RETRY_TIME: Duration = Duration::from_secs(60);

/// The pauses between tries: each is twice as long as the one before.
#[derive(Debug, Default)]
pub(crate) struct RetryDelay {
    tries: u32,
}

impl RetryDelay {
    /// Returns how long to wait before the next try.
    pub fn next_delay(&mut self) -> Duration {
        let delay = MIN_DELAY.saturating_mul(2_u32.saturating_pow(self.tries)).min(MAX_DELAY);
        self.tries = self.tries.saturating_add(1);
        delay
    }
}

/// Until when a write is tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteRetry<'a> {
    /// Ends the tries: a worker cancels a batch job when its deadline has passed.
    pub cancel: &'a CancelToken,
    /// The longest time after the first failure; `None` if only a cancellation ends the tries.
    pub max_time: Option<Duration>,
}

impl WriteRetry<'_> {
    /// Calls `write` until it succeeds. Blocks this thread.
    ///
    /// # Errors
    /// The store's last error, if the content cannot be stored at all or no time is left.
    pub fn write<T>(
        &self,
        mut write: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut delay = RetryDelay::default();
        let mut first_failure = None;

        loop {
            let error = match write() {
                Ok(written) => return Ok(written),
                Err(error) => error,
            };
            let begun = *first_failure.get_or_insert_with(Instant::now);
            let is_late = self.max_time.is_some_and(|max_time| begun.elapsed() >= max_time);
            if !is_temporary(&error) || is_late {
                return Err(error);
            }

            tracing::warn!("cannot store what a job produced, trying again: {error}");
            if !self.pause(delay.next_delay()) {
                return Err(error);
            }
        }
    }

    /// Waits. Returns false if the job was cancelled.
    fn pause(&self, delay: Duration) -> bool {
        let begun = Instant::now();

        while begun.elapsed() < delay {
            if self.cancel.is_cancelled() {
                return false;
            }
            sleep(POLL_INTERVAL.min(delay));
        }
        !self.cancel.is_cancelled()
    }
}

/// Returns whether the same write may succeed later.
pub(crate) fn is_temporary(error: &StoreError) -> bool {
    matches!(error, StoreError::Io { .. } | StoreError::Ipfs { .. })
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, thread, time::Duration};

    use super::*;

    fn disk_full() -> StoreError {
        let source = ErrorKind::StorageFull.into();
        StoreError::Io { action: "write", path: "/store".into(), source }
    }

    #[test]
    fn a_write_is_tried_until_it_succeeds() {
        let cancel = CancelToken::default();
        // A job that has been asked to stop still stores what it produced.
        cancel.request_stop();
        let mut tries = 0;
        let written = WriteRetry { cancel: &cancel, max_time: None }.write(|| {
            tries += 1;
            if tries < 3 { Err(disk_full()) } else { Ok(tries) }
        });
        assert_eq!(written.unwrap(), 3);
    }

    #[test]
    fn tries_end_with_the_job_with_their_time_or_with_an_error_that_stays() {
        let cancel = CancelToken::default();
        let shared = cancel.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            shared.cancel();
        });
        let retry = WriteRetry { cancel: &cancel, max_time: None };
        assert!(retry.write(|| Err::<(), _>(disk_full())).is_err());

        let cancel = CancelToken::default();
        let mut tries = 0;
        let mut fail = |error: StoreError| {
            tries += 1;
            Err::<(), _>(error)
        };
        let retry = WriteRetry { cancel: &cancel, max_time: Some(Duration::ZERO) };
        assert!(retry.write(|| fail(disk_full())).is_err());
        let retry = WriteRetry { cancel: &cancel, max_time: None };
        assert!(retry.write(|| fail(StoreError::NoRoot)).is_err());
        assert_eq!(tries, 2);
    }

    #[test]
    fn an_ipfs_node_that_is_away_or_refuses_is_asked_again() {
        let cancel = CancelToken::default();
        for is_away in [true, false] {
            let pause = || StoreError::Ipfs {
                action: "store a block",
                url: "http://127.0.0.1:5001".to_owned(),
                problem: "it pauses".to_owned(),
                is_away,
            };
            assert!(is_temporary(&pause()));

            let mut tries = 0;
            let written = WriteRetry { cancel: &cancel, max_time: None }.write(|| {
                tries += 1;
                if tries < 2 { Err(pause()) } else { Ok(tries) }
            });
            assert_eq!(written.unwrap(), 2);
        }
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let mut delay = RetryDelay::default();
        let seconds: Vec<u64> = (0..6).map(|_| delay.next_delay().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15]);
        let mut late = RetryDelay { tries: u32::MAX };
        assert_eq!(late.next_delay(), MAX_DELAY);
    }
}

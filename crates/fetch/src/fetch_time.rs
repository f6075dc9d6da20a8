//! The time that a fetch may take. A source that never ends would keep others from being fetched.

use std::time::{Duration, Instant};

/// The longest time until it is known which files a resource has.
const DESCRIPTION_TIME: Duration = Duration::from_secs(600);
/// The longest time of the files, beside that of the received bytes.
const BASE_TIME: Duration = Duration::from_secs(2 * 3_600);
/// A source that sends this much a second may send for as long as there is room.
const SLOWEST_BYTES_PER_SECOND: u64 = 250_000;

/// The time that a fetch may take.
pub(crate) struct FetchTime<'a> {
    begun: Instant,
    /// Whether anybody waits for the resource, or may need it later.
    is_wanted: &'a dyn Fn() -> bool,
}

impl<'a> FetchTime<'a> {
    pub fn begin(is_wanted: &'a dyn Fn() -> bool) -> Self {
        Self { begun: Instant::now(), is_wanted }
    }

    /// Checks the time of finding out which files there are.
    pub fn check_description(&self) -> Result<(), String> {
        self.check_time(DESCRIPTION_TIME)
    }

    /// Checks the time of downloading so many bytes. What a source claims does not count.
    pub fn check_download(&self, received_bytes: u64) -> Result<(), String> {
        self.check_time(download_time(received_bytes))
    }

    fn check_time(&self, longest: Duration) -> Result<(), String> {
        if !(self.is_wanted)() {
            return Err("no job waits for it, and others need its place".to_owned());
        }
        if self.begun.elapsed() > longest {
            return Err(format!("it has not sent everything within {} s", longest.as_secs()));
        }
        Ok(())
    }
}

/// The longest time of downloading so many bytes.
fn download_time(received_bytes: u64) -> Duration {
    BASE_TIME + Duration::from_secs(received_bytes / SLOWEST_BYTES_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_received_gives_time() {
        assert_eq!(download_time(0).as_secs(), 7_200);
        assert_eq!(download_time(100_000_000_000).as_secs(), 407_200);
        // A source of 300 kB a second may send for as long as there is room.
        assert!(download_time(30_000_000_000).as_secs() > 100_000);
        // One of 100 kB a second has sent 1.2 GB when its time is over.
        assert!(download_time(1_200_000_000).as_secs() <= 12_000);
    }

    #[test]
    fn a_fetch_ends_when_its_time_is_over_or_nobody_wants_it() {
        let longer_ago = Instant::now().checked_sub(DESCRIPTION_TIME + Duration::from_secs(1));
        let late = FetchTime { begun: longer_ago.unwrap(), is_wanted: &|| true };
        assert!(late.check_description().unwrap_err().contains("within 600 s"));
        assert_eq!(late.check_download(0), Ok(()));

        let unwanted = FetchTime::begin(&|| false);
        assert!(unwanted.check_download(0).unwrap_err().contains("no job waits"));
    }
}

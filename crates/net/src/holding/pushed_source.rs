//! Content of a private job, which its client sends: a source that waits for it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use nosana_job_spec::ContentId;
use nosana_store::{FileSource, Store, StoreError};

/// How long a read without a deadline waits.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause between two looks at the disk.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Waits until the client of a private job has sent a file. Blocks this thread.
#[derive(Clone, Copy, Debug)]
pub struct PushedSource;

impl FileSource for PushedSource {
    fn fetch_file(
        &self,
        store: &Store,
        id: &ContentId,
        _: u64,
        until: Option<Instant>,
    ) -> Result<(), StoreError> {
        let until = until.unwrap_or_else(|| Instant::now() + DEFAULT_TIMEOUT);

        while !store.has_file(id) {
            if Instant::now() >= until {
                let problem = "the job is private, and its client did not send this; the client \
                               must stay connected until the start";
                return Err(StoreError::Source { id: *id, problem: problem.into() });
            }
            sleep(POLL_INTERVAL);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn it_waits_for_what_is_sent_and_no_longer_than_its_deadline() {
        let folder = tempfile::tempdir().unwrap();
        let local = Store::open(folder.path()).unwrap();
        let store = local.clone().with_source(Arc::new(PushedSource));

        let soon = store.clone().with_deadline(Instant::now() + Duration::from_millis(200));
        let missing = soon.get(&ContentId::from_digest([9; 32]), 10).unwrap_err().to_string();
        assert!(missing.contains("its client did not send this"), "{missing}");

        let other = tempfile::tempdir().unwrap();
        let id = Store::open(other.path()).unwrap().put(b"late").unwrap();
        let sending = thread::spawn(move || {
            sleep(Duration::from_millis(200));
            local.put(b"late").unwrap()
        });
        assert_eq!(store.get(&id, 10).unwrap(), b"late");
        assert_eq!(sending.join().unwrap(), id);
    }
}

//! Reads of the chain that go on now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nosana_client::Session;
use solana_address::Address;
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

use crate::{
    place_memory::PlaceMemory,
    place_reader::{JobPlace, read_place},
    refusal::Refusal,
};

/// The most reads of the chain at once, and the most that wait for them.
const MAX_READS: usize = 16;
const MAX_WAITING_READS: usize = 256;
/// The longest time of a read, with the time of waiting for others.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// A request is repeated once: a server that refuses for its quota refuses again.
const MAX_RETRIES: usize = 1;

/// A read that others may join. Its end is what it found; nothing if it failed.
type Begun = watch::Receiver<Option<Option<JobPlace>>>;

/// The reads. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct PlaceReads(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    session: Session,
    memory: Arc<PlaceMemory>,
    turns: Semaphore,
    reading: Mutex<HashMap<Address, Begun>>,
}

impl PlaceReads {
    /// Reads whose results are kept in `memory`.
    pub(crate) fn new(session: &Session, memory: Arc<PlaceMemory>) -> Self {
        Self(Arc::new(Shared {
            session: session.with_max_retries(MAX_RETRIES),
            memory,
            turns: Semaphore::new(MAX_READS),
            reading: Mutex::default(),
        }))
    }

    /// Reads where the job is, or joins who does; `None` if that fails. `admit` is called for a new
    /// read only.
    pub(crate) async fn read_job(
        &self,
        job: Address,
        admit: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Option<JobPlace>, Refusal> {
        let mut begun = self.begin_read(job, admit)?;

        let ended = begun.wait_for(Option::is_some).await;
        Ok(ended.ok().and_then(|found| found.clone().flatten()))
    }

    /// Begins a read, or joins one. It goes on when the visitor leaves: the RPC server has the
    /// request already, and it must not be free to make the next one.
    fn begin_read(
        &self,
        job: Address,
        admit: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Begun, Refusal> {
        let mut reading = self.0.lock_reading();
        // A read that broke off has no sender any more.
        if let Some(begun) = reading.get(&job).filter(|begun| begun.has_changed().is_ok()) {
            return Ok(begun.clone());
        }
        if reading.len() >= MAX_WAITING_READS {
            return Err(Refusal::too_many_jobs());
        }
        admit()?;

        let (done, begun) = watch::channel(None);
        reading.insert(job, begun.clone());
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            let found = shared.read_and_keep(job).await;
            shared.lock_reading().remove(&job);
            done.send_replace(Some(found));
        });
        Ok(begun)
    }
}

impl Shared {
    async fn read_and_keep(&self, job: Address) -> Option<JobPlace> {
        let read = async {
            // The semaphore is never closed.
            let _turn = self.turns.acquire().await;
            read_place(&self.session, &job).await
        };

        match timeout(READ_TIMEOUT, read).await {
            Ok(Ok(place)) => {
                self.memory.keep(job, &place);
                Some(place)
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot read the chain");
                None
            }
            Err(_) => {
                tracing::warn!("the chain does not answer in time");
                None
            }
        }
    }

    fn lock_reading(&self) -> MutexGuard<'_, HashMap<Address, Begun>> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_joins_a_read_causes_none() {
        // A server that is not there.
        let session = Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1");
        let reads = PlaceReads::new(&session, Arc::default());
        let job = Address::new_from_array([1; 32]);
        let refused = || Err(Refusal::too_many_jobs());

        let first = reads.begin_read(job, || Ok(())).unwrap();
        let joined = reads.begin_read(job, refused).unwrap();
        assert!(joined.same_channel(&first));
        assert_eq!(reads.read_job(job, refused).await, Ok(None), "they share the failure, too");

        // The next one is a new read.
        assert_eq!(reads.read_job(job, refused).await, Err(Refusal::too_many_jobs()));
        assert_eq!(reads.read_job(job, || Ok(())).await, Ok(None));
    }
}

//! The nodes that have the content of one job, as a source of a store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nosana_job_spec::ContentId;
use nosana_store::{FileSource, Store, StoreError};
use solana_address::Address;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::{ContentExchange, ask_failure::source_error};

/// How long a read without a deadline waits.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches content of one job. Requires a runtime with several threads.
#[derive(Debug)]
pub struct JobSource {
    exchange: Arc<ContentExchange>,
    job: Address,
    /// What this machine keeps for others.
    held: Option<Store>,
    runtime: Handle,
}

impl JobSource {
    /// A source for the content of `job`. `held` is the store of what this machine keeps for others,
    /// where the content may be already. Call it inside the runtime.
    pub fn new(exchange: Arc<ContentExchange>, job: Address, held: Option<Store>) -> Self {
        Self { exchange, job, held, runtime: Handle::current() }
    }
}

impl FileSource for JobSource {
    fn fetch_file(
        &self,
        store: &Store,
        id: &ContentId,
        max_bytes: u64,
        until: Option<Instant>,
    ) -> Result<(), StoreError> {
        let until = until.unwrap_or_else(|| Instant::now() + DEFAULT_TIMEOUT);
        let stores = (store, self.held.as_ref());
        let fetching = self.exchange.fetch_content(&self.job, stores, *id, max_bytes, until.into());
        // Reads are blocking; on a thread of the runtime, its other tasks move to another thread.
        let fetched = block_in_place(|| self.runtime.block_on(fetching));
        fetched.map_err(|error| source_error(*id, &error))
    }
}

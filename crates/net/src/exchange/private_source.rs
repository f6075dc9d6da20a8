//! The node of a private job, as a source of a store.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nosana_job_spec::ContentId;
use nosana_store::{FileSource, Store, StoreError};
use solana_address::Address;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::{ContentExchange, ask_failure::source_error};
use crate::job::CredentialSource;

/// How long a read without a deadline waits.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches content of one private job from the job's node. Requires a runtime with several threads.
pub struct PrivateSource {
    exchange: Arc<ContentExchange>,
    job: Address,
    credentials: Arc<dyn CredentialSource>,
    runtime: Handle,
}

impl PrivateSource {
    /// A source for the content of `job`, for who has these credentials. Call it inside the runtime.
    pub fn new(
        exchange: Arc<ContentExchange>,
        job: Address,
        credentials: Arc<dyn CredentialSource>,
    ) -> Self {
        Self { exchange, job, credentials, runtime: Handle::current() }
    }
}

impl FileSource for PrivateSource {
    fn fetch_file(
        &self,
        store: &Store,
        id: &ContentId,
        max_bytes: u64,
        until: Option<Instant>,
    ) -> Result<(), StoreError> {
        let until = until.unwrap_or_else(|| Instant::now() + DEFAULT_TIMEOUT);
        let fetching = self.exchange.fetch_private(
            &self.job,
            &self.credentials,
            store,
            *id,
            max_bytes,
            until.into(),
        );

        let fetched = block_in_place(|| self.runtime.block_on(fetching));
        fetched.map_err(|error| source_error(*id, &error))
    }
}

impl fmt::Debug for PrivateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateSource").field("job", &self.job).finish_non_exhaustive()
    }
}

//! Which content a job names: in its account, and in content of the job that is here.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, MAX_RETURN_REPORT_BYTES};
use nosana_protocol::job::State;
use nosana_store::Store;
use solana_address::Address;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::JobIndex;
use crate::exchange::{list_input_content, list_result_parts};

/// More jobs than this are forgotten.
const MAX_REMEMBERED: usize = 256;

/// What jobs name, as long as nothing of it changes: a stranger may offer a thousand objects of a job
/// with a large definition, which is parsed once.
#[derive(Debug, Default)]
pub(super) struct NameCache {
    /// Also the turn of the one that parses: one at a time.
    named: Mutex<HashMap<Address, Named>>,
}

#[derive(Clone, Debug)]
struct Named {
    version: Version,
    contents: Arc<HashSet<ContentId>>,
}

/// What the set depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    result: [u8; 32],
    object_count: usize,
}

/// What one job names.
pub(super) struct NamedContent<'a> {
    pub(super) cache: &'a NameCache,
    /// What is here of jobs.
    pub(super) held: &'a JobIndex,
    pub(super) held_store: &'a Store,
    pub(super) address: Address,
    pub(super) job: &'a Job,
}

impl NamedContent<'_> {
    /// Returns how many bytes this object of the job may have; `None` if the job does not name it.
    ///
    /// What a node says when it gives the job back may be as long as its report, and no longer: for
    /// other content of this job, which another node may have to bring, there would be no room.
    pub(super) async fn max_bytes(&self, object: ContentId) -> Option<u64> {
        let Job { definition, result, checkpoint, state, .. } = *self.job;
        let digest = object.digest();
        if [definition, result].contains(&digest) || self.find_named().await.contains(&object) {
            return Some(u64::MAX);
        }

        let has_words = match State::from_byte(state)? {
            State::Queued | State::Matched | State::Settled => true,
            State::Running | State::Submitted | State::Challenged => false,
        };
        (has_words && checkpoint == digest).then_some(MAX_RETURN_REPORT_BYTES)
    }

    async fn find_named(&self) -> Arc<HashSet<ContentId>> {
        let version = Version {
            result: self.job.result,
            object_count: self.held.object_count(&self.address).unwrap_or_default(),
        };
        let mut cache = self.cache.named.lock().await;
        if let Some(named) = cache.get(&self.address)
            && named.version == version
        {
            return Arc::clone(&named.contents);
        }

        let contents = Arc::new(self.read_named().await);
        if cache.len() >= MAX_REMEMBERED {
            cache.clear();
        }
        let named = Named { version, contents: Arc::clone(&contents) };
        cache.insert(self.address, named);
        contents
    }

    async fn read_named(&self) -> HashSet<ContentId> {
        let store = self.held_store.clone();
        let definition = ContentId::from_digest(self.job.definition);
        let result = ContentId::from_digest(self.job.result);

        let reading = spawn_blocking(move || {
            let inputs = list_input_content(&store, &definition).unwrap_or_default();
            let outputs = list_result_parts(&store, &result);
            inputs.into_iter().chain(outputs).collect()
        });
        reading.await.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::codec::ProgramAccount;

    use super::*;

    #[tokio::test]
    async fn an_account_names_what_its_last_node_says() {
        let folder = tempfile::tempdir().unwrap();
        let held_store = Store::open(folder.path().join("held")).unwrap();
        let held = JobIndex::open(&folder.path().join("held-index")).unwrap();
        let data = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let zeroed = Job::from_data(&data).unwrap();
        let job = Job { definition: [1; 32], result: [2; 32], checkpoint: [3; 32], ..zeroed };

        let cache = NameCache::default();
        let (address, held_store) = (Address::default(), &held_store);
        let named = NamedContent { cache: &cache, held: &held, held_store, address, job: &job };
        let words = Some(MAX_RETURN_REPORT_BYTES);
        let most = [(1, Some(u64::MAX)), (2, Some(u64::MAX)), (3, words), (4, None)];
        for (byte, max_bytes) in most {
            let object = ContentId::from_digest([byte; 32]);
            assert_eq!(named.max_bytes(object).await, max_bytes, "{byte}");
        }

        // A checkpoint of a run is for those who ask the node itself.
        let job = Job { state: State::Running as u8, ..job };
        let named = NamedContent { job: &job, ..named };
        assert_eq!(named.max_bytes(ContentId::from_digest([3; 32])).await, None);

        // Words that have the digest of the result may be as long as it.
        let job = Job { state: State::Queued as u8, checkpoint: [2; 32], ..job };
        let named = NamedContent { job: &job, ..named };
        assert_eq!(named.max_bytes(ContentId::from_digest([2; 32])).await, Some(u64::MAX));
    }
}

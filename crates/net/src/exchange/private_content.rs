//! Content of private jobs, between the job's client and its node, and nobody else.

use std::sync::Arc;
use std::time::Duration;

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_store::Store;
use solana_address::Address;
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    ContentExchange, ExchangeError,
    ask_failure::describe_problem,
    content_exchange::{FIRST_PAUSE, MAX_PAUSE, offer_all},
};
use crate::content::{ContentError, ContentRefusal};
use crate::directory::NodeEntry;
use crate::job::CredentialSource;

/// How long a refusal is not final: the node may not have been able to read the chain.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(3);

impl ContentExchange {
    /// Fetches an object of at most `max_bytes` of a private job from the job's own node. Tries
    /// again until the object is there or the time is over; a node that refuses is believed soon.
    ///
    /// # Errors
    /// If no node has started the job, or its node did not deliver the object `until` then.
    pub async fn fetch_private(
        &self,
        job: &Address,
        credentials: &Arc<dyn CredentialSource>,
        store: &Store,
        object: ContentId,
        max_bytes: u64,
        until: Instant,
    ) -> Result<(), ExchangeError> {
        let mut pause = FIRST_PAUSE;
        let refused_until = until.min(Instant::now() + REFUSAL_TIMEOUT);

        loop {
            let fetching = self.try_private(job, credentials, store, object, max_bytes);
            let (problem, is_final) = match timeout_at(until, fetching).await {
                Ok(Ok(Ok(()))) => return Ok(()),
                // Another process of this machine has fetched it.
                _ if store.has_file(&object) => return Ok(()),
                Ok(Ok(Err(problem))) => {
                    let is_final = is_final_answer(&problem);
                    let detail = describe_problem(Some(problem));
                    (ExchangeError::OnlyNode { detail }, is_final)
                }
                // An RPC server may be behind and not know the job's node yet.
                Ok(Err(problem)) => (problem, true),
                Err(_) => (ExchangeError::OnlyNode { detail: String::new() }, false),
            };

            let give_up_at = if is_final { refused_until } else { until };
            if Instant::now() + pause >= give_up_at {
                return Err(problem);
            }
            sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// Fetches an object of a private job once. The outer error: the chain does not say from which
    /// node.
    async fn try_private(
        &self,
        job: &Address,
        credentials: &Arc<dyn CredentialSource>,
        store: &Store,
        object: ContentId,
        max_bytes: u64,
    ) -> Result<Result<(), ContentError>, ExchangeError> {
        let entry = self.find_job_node(job).await?;

        let client = match self.peers.connect_as(&entry, Arc::clone(credentials)).await {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        Ok(client.fetch_object(store, object, max_bytes).await.map(drop))
    }

    /// Gives content of a private job to the node that has taken it, in this order.
    ///
    /// # Errors
    /// If the node cannot be reached or does not accept it.
    pub async fn offer_private(
        &self,
        job: Address,
        entry: &NodeEntry,
        credentials: &Arc<dyn CredentialSource>,
        store: &Store,
        contents: &[ContentId],
    ) -> Result<(), ContentError> {
        let client = self.peers.connect_as(entry, Arc::clone(credentials)).await?;
        offer_all(&client, job, store, contents).await
    }

    /// The node that the job's account names, and where it can be reached.
    async fn find_job_node(&self, job: &Address) -> Result<NodeEntry, ExchangeError> {
        let account = self.directory.session().find_account::<Job>(job).await?;
        let node = account.map(|account| account.node).filter(|node| *node != Address::default());

        let node = node.ok_or(ExchangeError::NoPrivateNode)?;
        let entry = self.directory.find_node(&node).await?;
        entry.ok_or_else(|| ExchangeError::OnlyNode {
            detail: format!(" (the node {node} has no endpoint)"),
        })
    }
}

/// Whether a node that answers so will answer so again. One that is busy may have a place soon:
/// strangers keep it busy for as long as they like.
fn is_final_answer(problem: &ContentError) -> bool {
    matches!(problem, ContentError::Refused(refusal) if *refusal != ContentRefusal::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_node_is_asked_again() {
        assert!(is_final_answer(&ContentRefusal::NotFound.into()));
        assert!(is_final_answer(&ContentRefusal::Credential.into()));
        assert!(!is_final_answer(&ContentRefusal::Busy.into()));
        assert!(!is_final_answer(&ContentError::Unreachable));
    }
}

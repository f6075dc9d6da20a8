//! A round of asking: all nodes once, and those again that could not deliver an object yet.

use std::time::Duration;

use futures_util::{StreamExt, stream::FuturesUnordered};
use nosana_job_spec::ContentId;
use nosana_store::Store;
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    ContentExchange,
    ask_failure::{AskFailure, is_busy},
};
use crate::content::{ContentClient, ContentError};
use crate::directory::NodeEntry;

/// A round of asking, and a peer that sends an object, get this part of the time that is left: nobody
/// may use up all of it. What a slow peer has sent stays, and the next round goes on there.
const ROUND_SHARE: u32 = 2;
const PEER_SHARE: u32 = 4;
/// But not less than this.
const MIN_SHARE: Duration = Duration::from_millis(500);
/// A node that was busy or did not answer is asked again after this time, while others are waited
/// for. One that takes longer to say that it is busy uses up the time of others.
const AGAIN_PAUSE: Duration = Duration::from_secs(1);
/// A peer that was too slow before is asked so much later than others.
const SLOW_PEER_DELAY: Duration = Duration::from_secs(1);

/// What a node has answered.
struct Asked<'a> {
    entry: &'a NodeEntry,
    /// Whether this is its first answer of the round.
    is_first: bool,
    /// The connection to it if it has the object.
    found: Result<Option<ContentClient>, ContentError>,
}

impl ContentExchange {
    /// Asks all candidates at once, and fetches from the first that has the object. While some have
    /// not answered, asks those again that were busy or could not be reached: nobody's silence may
    /// keep a node from being asked often.
    pub(super) async fn ask_nodes(
        &self,
        candidates: Vec<NodeEntry>,
        store: &Store,
        object: ContentId,
        max_bytes: u64,
        until: Instant,
    ) -> Result<(), AskFailure> {
        let mut failure = AskFailure::default();
        let round_end = share_deadline(until, ROUND_SHARE);
        let first = candidates.iter().map(|entry| self.ask_node(entry, object, Duration::ZERO));
        let mut asking = FuturesUnordered::from_iter(first);
        let mut waited_for = candidates.len();

        while waited_for > 0 {
            let Ok(Some(asked)) = timeout_at(round_end, asking.next()).await else { break };
            if asked.is_first {
                waited_for -= 1;
            }
            let client = match asked.found {
                Ok(Some(client)) => client,
                Ok(None) => {
                    failure.add_answer();
                    continue;
                }
                Err(error) => {
                    failure.add_problem(error);
                    asking.push(self.ask_node(asked.entry, object, AGAIN_PAUSE));
                    continue;
                }
            };
            failure.add_answer();

            let begun = Instant::now();
            let fetching = client.fetch_object(store, object, max_bytes);
            match timeout_at(share_deadline(until, PEER_SHARE), fetching).await {
                Ok(Ok(_)) => return Ok(()),
                // Another process of this machine has fetched it, or does now.
                _ if store.has_file(&object) => return Ok(()),
                Ok(Err(error)) => {
                    if is_busy(&error) && begun.elapsed() < AGAIN_PAUSE {
                        asking.push(self.ask_node(asked.entry, object, AGAIN_PAUSE));
                    } else if is_busy(&error) {
                        self.peers.mark_slow(asked.entry.node);
                    }
                    failure.add_problem(error);
                }
                Err(_) => {
                    self.peers.mark_slow(asked.entry.node);
                    failure.add_problem(ContentError::Slow);
                }
            }
        }
        Err(failure)
    }

    /// Asks a node whether it has an object, after a pause.
    async fn ask_node<'a>(
        &self,
        entry: &'a NodeEntry,
        object: ContentId,
        pause: Duration,
    ) -> Asked<'a> {
        sleep(pause).await;
        if self.peers.is_slow(&entry.node) {
            sleep(SLOW_PEER_DELAY).await;
        }
        let found = self.peers.find_object(entry, object).await;
        Asked { entry, is_first: pause.is_zero(), found }
    }
}

/// The end of a part of the time until then.
fn share_deadline(until: Instant, share: u32) -> Instant {
    let now = Instant::now();
    let left = until.saturating_duration_since(now);
    (now + (left / share).max(MIN_SHARE)).min(until)
}

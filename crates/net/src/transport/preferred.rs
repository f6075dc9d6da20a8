//! The peers for whom an endpoint keeps places that strangers cannot take.

use std::collections::HashSet;
use std::sync::Arc;

use iroh::EndpointId;
use tokio::sync::watch;

/// The most peers for whom places are kept.
pub const MAX_PREFERRED_PEERS: usize = 32;

/// The peers for whom an endpoint keeps places, such as the nodes that judge a result. Clones share
/// them.
#[derive(Clone, Debug)]
pub struct PreferredPeers {
    keys: Arc<watch::Sender<HashSet<EndpointId>>>,
}

impl Default for PreferredPeers {
    fn default() -> Self {
        Self { keys: Arc::new(watch::Sender::new(HashSet::new())) }
    }
}

impl PreferredPeers {
    /// Keeps places for these peers instead of the ones before, the first [`MAX_PREFERRED_PEERS`]
    /// of them: so give those first that matter most.
    pub fn set_peers(&self, peers: impl IntoIterator<Item = EndpointId>) {
        let mut chosen = HashSet::new();
        for peer in peers {
            if chosen.len() >= MAX_PREFERRED_PEERS {
                break;
            }
            chosen.insert(peer);
        }

        self.keys.send_if_modified(|keys| {
            let has_changed = *keys != chosen;
            *keys = chosen;
            has_changed
        });
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.borrow().is_empty()
    }

    /// Whether places are kept for this peer.
    pub fn has_peer(&self, peer: &EndpointId) -> bool {
        self.keys.borrow().contains(peer)
    }

    /// Returns once no places are kept for this peer.
    pub(super) async fn wait_for_removal(&self, peer: EndpointId) {
        let mut keys = self.keys.subscribe();
        // Fails only without a sender, and this has it.
        let _ = keys.wait_for(|keys| !keys.contains(&peer)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use iroh::SecretKey;
    use tokio::time::timeout;

    use super::*;

    fn peer(number: u8) -> EndpointId {
        SecretKey::from_bytes(&[number; 32]).public()
    }

    #[test]
    fn the_first_peers_get_the_places() {
        let preferred = PreferredPeers::default();
        assert!(preferred.is_empty());

        let twice = (0..40).flat_map(|number| [peer(number), peer(number)]);
        preferred.clone().set_peers(twice);
        assert!(preferred.has_peer(&peer(0)) && preferred.has_peer(&peer(31)));
        assert!(!preferred.has_peer(&peer(32)), "one more than there are places for");
    }

    #[tokio::test]
    async fn a_peer_knows_when_its_places_are_gone() {
        let preferred = PreferredPeers::default();
        preferred.set_peers([peer(1), peer(2)]);
        let waits = |number| {
            let preferred = preferred.clone();
            async move {
                let removal = preferred.wait_for_removal(peer(number));
                timeout(Duration::from_millis(50), removal).await.is_err()
            }
        };
        assert!(waits(1).await && waits(2).await);

        preferred.set_peers([peer(2), peer(3)]);
        assert!(!waits(1).await);
        assert!(waits(2).await, "it still has them");
    }
}

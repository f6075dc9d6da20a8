//! Bounds of a service, and of the transfers of a client.

use std::time::Duration;

use super::transfer::TransferTimeouts;

/// Bounds of a service.
#[derive(Clone, Copy, Debug)]
pub struct ContentBounds {
    /// The most transfers at once, of all peers.
    pub transfers: usize,
    /// The most transfers at once of one peer.
    pub transfers_per_peer: usize,
    /// More transfers at once, for peers who are parties of jobs whose content nobody else has:
    /// strangers cannot keep them out.
    pub party_transfers: usize,
    /// The most of these for one job: the party of one cannot keep out those of others.
    pub party_transfers_per_job: usize,
    /// More transfers at once, for each peer of
    /// [`PreferredPeers`](crate::transport::PreferredPeers): neither strangers nor parties can keep
    /// it out.
    pub preferred_transfers_per_peer: usize,
    /// The longest time of a request or an answer.
    pub message_timeout: Duration,
    /// The longest time of a block. 30 s are 70 kB/s for the largest.
    pub block_timeout: Duration,
    /// A whole transfer may take so long, and its bytes at the lowest speed in addition. One that is
    /// slower goes on in the next attempt, when others have had their turn.
    pub transfer_timeout: Duration,
    /// The lowest speed.
    pub min_bytes_per_second: u64,
    /// The most bytes of interrupted offers that stay for another attempt. They are not counted
    /// otherwise.
    pub max_rest_bytes: u64,
    /// A connection without requests is closed after this time.
    pub idle_timeout: Duration,
}

impl Default for ContentBounds {
    fn default() -> Self {
        Self {
            transfers: 32,
            transfers_per_peer: 8,
            party_transfers: 16,
            party_transfers_per_job: 2,
            preferred_transfers_per_peer: 2,
            message_timeout: Duration::from_secs(10),
            block_timeout: Duration::from_secs(30),
            transfer_timeout: Duration::from_secs(60),
            min_bytes_per_second: 32 * 1024,
            max_rest_bytes: 256 << 20,
            idle_timeout: Duration::from_secs(60),
        }
    }
}

impl ContentBounds {
    pub(super) const fn timeouts(&self) -> TransferTimeouts {
        TransferTimeouts { message: self.message_timeout, block: self.block_timeout }
    }

    /// The longest time of a transfer.
    pub(super) fn time_limit(&self, content_bytes: u64) -> Duration {
        let seconds = content_bytes / self.min_bytes_per_second.max(1);
        self.transfer_timeout.saturating_add(Duration::from_secs(seconds))
    }
}

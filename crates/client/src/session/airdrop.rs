//! SOL from the faucet of a test cluster.

use std::time::Duration;

use solana_address::Address;
use tokio::time::{Instant, sleep};

use super::Session;
use crate::error::ClientError;

/// The time within which the SOL must arrive.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(60);
/// The interval between two readings of the balance.
const POLL_INTERVAL: Duration = Duration::from_millis(300);

impl Session {
    /// Requests lamports from the cluster's faucet, and returns the balance once they have arrived.
    ///
    /// # Errors
    /// If the cluster has no faucet, or the faucet refuses: faucets limit amounts and frequency.
    pub async fn request_airdrop(
        &self,
        address: &Address,
        lamports: u64,
    ) -> Result<u64, ClientError> {
        const DOING: &str = "requesting an airdrop";
        let before = self.fetch_lamports(address).await?;
        let requested = self.rpc.request_airdrop(address, lamports).await;
        requested.map_err(|error| ClientError::from_rpc(DOING, error))?;

        let deadline = Instant::now() + ARRIVAL_TIMEOUT;
        loop {
            let balance = self.fetch_lamports(address).await?;
            if balance > before {
                return Ok(balance);
            }
            if Instant::now() >= deadline {
                return Err(ClientError::Refused {
                    doing: DOING,
                    message: "it was accepted, but has not arrived within 60 s".to_owned(),
                });
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns the lamports of a wallet; zero if it does not exist.
    ///
    /// # Errors
    /// If the node cannot be read.
    pub async fn fetch_lamports(&self, address: &Address) -> Result<u64, ClientError> {
        Ok(self.fetch_raw_account(address).await?.map_or(0, |account| account.lamports))
    }
}

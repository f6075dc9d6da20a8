//! Lists a job in one call.

use nosana_protocol::job::Kind;
use solana_address::Address;
use solana_signer::Signer;

use super::Session;
use crate::{
    actions::{self, JobListing},
    error::ClientError,
    jobs::accounts::{Config, Market},
    pda,
};

impl Session {
    /// Lists a batch job at the market's current price, and returns its address. The client signs,
    /// and pays the deposit from its associated token account. [`actions::list`] has all choices.
    ///
    /// `definition` is the digest of the job's definition. Nodes read the definition from their
    /// content store, so store it before the job is listed.
    ///
    /// # Errors
    /// If the market does not exist, the market has become dearer in between, the client cannot pay,
    /// the transaction cannot be sent, or this machine's clock is wrong.
    pub async fn list_job(
        &self,
        client: &(dyn Signer + Sync),
        market: Address,
        definition: [u8; 32],
        timeout_seconds: u64,
    ) -> Result<Address, ClientError> {
        let config_address = pda::jobs::config();
        let (config, stored_market) = tokio::try_join!(
            self.fetch_account::<Config>(&config_address),
            self.fetch_account::<Market>(&market),
        )?;

        let address = client.pubkey();
        let nonce = actions::new_nonce()?;
        let listing = JobListing {
            nonce,
            definition,
            kind: Kind::Batch as u8,
            timeout_seconds,
            max_price_per_second: stored_market.terms.price_per_second,
            is_private: false,
        };
        let list = actions::list(address, address, market, config.nos_mint, listing);
        self.send_transaction(&[list.into()], client, &[]).await?;
        Ok(pda::jobs::job(&address, nonce))
    }
}

//! The context of a command that uses the network: session, key, store.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use nosana_client::{
    Receipt, SendOptions, Session,
    jobs::accounts::{Job, Market},
    token,
};
use nosana_net::{
    SystemClock,
    job::{CredentialSource, WalletCredentials},
};
use nosana_protocol::units::UnixTimestamp;
use nosana_store::Store;
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::client_network::ClientNetwork;
use super::funds::{Cost, ensure_funds, explain_shortage};
use super::private_store::open_private_store;

/// An open connection, the user's key, and the content store.
pub struct CliContext {
    /// The network.
    pub session: Session,
    /// The key of the user, who signs and pays.
    pub keypair: Keypair,
    /// The key of another wallet that pays instead of the user.
    pub payer: Option<Keypair>,
    /// Definitions and results.
    pub store: Store,
    /// The store that the user named, if `store` is that of private jobs.
    pub shared_store: Option<Store>,
    /// Nodes, for content.
    pub network: ClientNetwork,
    /// The mint of NOS.
    pub mint: Address,
}

impl CliContext {
    /// The user's address.
    pub fn address(&self) -> Address {
        self.keypair.pubkey()
    }

    /// The address of the wallet that pays.
    pub fn payer_address(&self) -> Address {
        self.payer.as_ref().unwrap_or(&self.keypair).pubkey()
    }

    /// Fails with what is missing unless the wallet that pays has enough SOL and NOS.
    pub async fn ensure_funds(&self, cost: Cost<'_>) -> Result<()> {
        ensure_funds(&self.session, &self.mint, &self.payer_address(), cost).await
    }

    /// The user's associated token account for NOS.
    pub fn token_account(&self) -> Address {
        token::associated_address(&self.address(), &self.mint)
    }

    /// The same context for private jobs: their content is in a store of its own.
    pub fn use_private_store(self) -> Result<Self> {
        let shared_store = Some(self.store.clone());
        Ok(Self { store: open_private_store()?, shared_store, ..self })
    }

    /// The store of this machine in which the content of a job is.
    pub fn local_store(&self, job: &Job) -> Result<Store> {
        self.local_store_for(job.is_private != 0)
    }

    fn local_store_for(&self, is_private: bool) -> Result<Store> {
        if is_private { open_private_store() } else { Ok(self.store.clone()) }
    }

    /// The store for reading the content of a job: what is missing comes from nodes; of a private
    /// job, from its own node, as the user.
    pub fn job_store(&self, address: &Address, job: &Job) -> Result<Store> {
        self.open_content(*address, job.is_private != 0)
    }

    /// As [`Self::job_store`], for a job whose account is not at hand.
    pub fn open_content(&self, address: Address, is_private: bool) -> Result<Store> {
        let store = self.local_store_for(is_private)?;
        let credentials = is_private.then(|| self.sign_requests(address));
        Ok(self.network.job_store(&store, address, credentials))
    }

    /// Signatures of the user for requests to the node of a job.
    pub fn sign_requests(&self, job: Address) -> Arc<dyn CredentialSource> {
        let wallet = Arc::new(self.keypair.insecure_clone());
        Arc::new(WalletCredentials::new(wallet, job, SystemClock))
    }

    /// Creates the user's associated token account unless it exists.
    pub fn create_token_account(&self) -> Instruction {
        token::create_associated_account(&self.address(), &self.address(), &self.mint)
    }

    /// Returns the time of the chain's clock.
    pub async fn chain_time(&self) -> Result<UnixTimestamp> {
        Ok(UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp))
    }

    /// Sends one instruction, signed and paid by the user.
    pub async fn send(&self, instruction: impl Into<Instruction>) -> Result<Receipt> {
        self.send_all(&[instruction.into()]).await
    }

    /// Sends several instructions in one transaction, signed by the user and by the wallet that
    /// pays.
    ///
    /// It is signed once: servers that disagree about its expiry must not make the user pay twice.
    pub async fn send_all(&self, instructions: &[Instruction]) -> Result<Receipt> {
        let options = SendOptions { expiry_retries: 0, ..SendOptions::default() };
        let user: &(dyn Signer + Sync) = &self.keypair;
        let payer: &(dyn Signer + Sync) = self.payer.as_ref().unwrap_or(&self.keypair);

        match self.session.send_with_options(instructions, payer, &[user], &options).await {
            Ok(receipt) => Ok(receipt),
            Err(error) => Err(explain_shortage(&self.session, &self.payer_address(), error).await),
        }
    }

    /// Returns the job at `address`. Fails if the address has none.
    pub async fn fetch_job(&self, address: &Address) -> Result<Job> {
        let job = self.session.find_account::<Job>(address).await?;
        job.with_context(|| {
            format!("cannot find a job at {address}: it was never listed, or is closed already")
        })
    }

    /// Returns the named market. Without a name, returns the only open market; fails if the network
    /// has none or several.
    pub async fn fetch_market(&self, named: Option<Address>) -> Result<(Address, Market)> {
        if let Some(address) = named {
            return Ok((address, self.session.fetch_account::<Market>(&address).await?));
        }

        let mut markets = self.session.list_accounts::<Market>(&[]).await?;
        markets.retain(|(_, market)| market.retired == 0);

        match markets.len() {
            1 => markets.pop().context("the list of markets is empty"),
            0 => bail!("no market is open on this network; `nosana market open` opens one"),
            count => bail!(
                "{count} markets are open on this network; \
                 name one, `nosana market list` lists them"
            ),
        }
    }
}

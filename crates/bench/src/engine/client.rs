//! The client of the jobs, which lists them and reads their results.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::{Session, actions, jobs::accounts::Job, pda};
use nosana_job_spec::{ContentId, JobResult};
use nosana_localnet::World;
use nosana_protocol::job::{Kind, Reason, State};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signature::Signature;
use solana_signer::Signer;

use super::{stages::JobTimes, workload::Workload};

/// The longest paid time of a job.
const TIMEOUT_SECONDS: u64 = 600;

/// A client, which lists jobs and reads their results.
#[derive(Clone)]
pub struct Client {
    session: Session,
    workload: Workload,
    wallet: Arc<Keypair>,
    market: Address,
    mint: Address,
    store: Store,
    patience: Duration,
}

/// A settled job, as its client saw it.
pub struct ClientJob {
    /// Its address.
    pub address: Address,
    /// The transaction that listed it.
    pub listing: Signature,
    /// The tokens or sentences of its result.
    pub items: usize,
    /// Its timestamps; its end is when it was settled: the client does not see when it was run.
    times: JobTimes,
}

impl ClientJob {
    /// Returns its timestamps, given when the node had run it. A node begins before the client sees
    /// that the job runs, so it may end before that, too.
    pub fn complete_times(&self, executed: Instant) -> JobTimes {
        let JobTimes { started, settled, .. } = self.times;
        JobTimes { executed: executed.clamp(started, settled), ..self.times }
    }
}

impl Client {
    /// The client of `world`, whose results are in `store`.
    pub fn new(world: &World, workload: Workload, store: Store, patience: Duration) -> Self {
        Self {
            session: world.session.clone(),
            workload,
            wallet: Arc::new(world.client.insecure_clone()),
            market: world.market,
            mint: world.mint,
            store,
            patience,
        }
    }

    /// Lists a job and waits until it is settled.
    pub async fn run_job(&self, number: usize) -> Result<ClientJob> {
        let client = self.wallet.pubkey();
        let nonce = u64::try_from(number)?;
        let definition = self.store.put_json(&self.workload.build_definition(number))?;

        // Subscribes before the job exists, so that its settlement is not missed.
        let address = pda::jobs::job(&client, nonce);
        let mut updates = self.session.subscribe_account::<Job>(address);
        let order = actions::JobListing {
            nonce,
            definition: definition.digest(),
            kind: Kind::Batch as u8,
            timeout_seconds: TIMEOUT_SECONDS,
            max_price_per_second: nosana_localnet::windowless_terms().price_per_second,
            is_private: false,
        };
        let list = actions::list(client, client, self.market, self.mint, order);
        let sent = Instant::now();
        let receipt = self.session.send_transaction(&[list.into()], &self.wallet, &[]).await?;
        let listed = Instant::now();

        let settling = async {
            let mut started = None;
            while let Some(update) = updates.next().await {
                let Some(job) = update?.account else { continue };
                if job.started_at != 0 {
                    started.get_or_insert_with(Instant::now);
                }
                if job.state == State::Settled as u8 {
                    return Ok((job, started));
                }
            }
            bail!("the subscription to job {number} ended")
        };
        let settled = tokio::time::timeout(self.patience, settling).await;
        let (job, started) =
            settled.with_context(|| format!("job {number} was not settled in time"))??;
        ensure!(job.reason == Reason::Completed as u8, "job {number} was not completed");

        let settled = Instant::now();
        // Updates can arrive before the confirmation of the listing.
        let started = started.unwrap_or(settled).max(listed);
        let settled = settled.max(started);
        let result: JobResult = self.store.get_json(&ContentId::from_digest(job.result))?;
        Ok(ClientJob {
            address,
            listing: receipt.signature,
            items: self.workload.count_items(&result, &self.store)?,
            times: JobTimes { sent, listed, started, executed: settled, settled },
        })
    }
}

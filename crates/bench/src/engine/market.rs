//! The same prompts as jobs on a local network: listed, run, settled and paid.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::{Session, actions, jobs::accounts::Job, pda};
use nosana_job_spec::{ContentId, GenerationOutput, JobResult};
use nosana_localnet::World;
use nosana_protocol::job::{Kind, Reason, State};
use nosana_store::Store;
use nosana_worker::Worker;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::workload::{REQUESTS, Throughput, build_definition};
use crate::node::configure_worker;

/// The most slots of a node.
const MAX_SLOTS: u8 = 8;
/// The longest paid time of a job.
const TIMEOUT_SECONDS: u64 = 600;

/// A client, which lists jobs and reads their results.
#[derive(Clone)]
struct Client {
    session: Session,
    wallet: Arc<Keypair>,
    market: Address,
    mint: Address,
    store: Store,
    patience: Duration,
}

/// Runs the jobs on one node, `in_flight` at a time. The node loads its model with a first job that
/// is not counted.
pub async fn measure_market(
    world: &World,
    in_flight: usize,
    patience: Duration,
) -> Result<Throughput> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let store = Store::open(folder.path())?;
    let slots = u8::try_from(in_flight).unwrap_or(u8::MAX).min(MAX_SLOTS);
    let worker = configure_worker(world, &store, slots)?;
    let worker = Worker::prepare(world.session.clone(), worker).await;
    let worker = worker.context("cannot prepare the node")?;

    let (stop, stopped) = watch::channel(false);
    let (events, received) = mpsc::unbounded_channel();
    drop(received);
    let mut working = tokio::spawn(worker.run(stopped, events));

    let client = Client {
        session: world.session.clone(),
        wallet: Arc::new(world.client.insecure_clone()),
        market: world.market,
        mint: world.mint,
        store,
        patience,
    };
    let measuring = async {
        client.run_job(REQUESTS).await?;
        measure_jobs(&client, in_flight).await
    };
    let measured = tokio::select! {
        measured = measuring => measured,
        ended = &mut working => bail!("the worker ended too early: {ended:?}"),
    };

    stop.send(true).context("the worker ended too early")?;
    working.await??;
    measured
}

/// Runs all jobs, each listed by the next of `in_flight` clients that is free.
async fn measure_jobs(client: &Client, in_flight: usize) -> Result<Throughput> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();

    let mut clients = JoinSet::new();
    for _ in 0..in_flight {
        let (client, next) = (client.clone(), Arc::clone(&next));
        clients.spawn(async move {
            let mut tokens = 0;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= REQUESTS {
                    return Ok::<_, anyhow::Error>(tokens);
                }
                tokens += client.run_job(number).await?;
            }
        });
    }

    let mut tokens = 0;
    while let Some(counted) = clients.join_next().await {
        tokens += counted??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Throughput { in_flight, requests: REQUESTS, tokens, seconds })
}

impl Client {
    /// Lists a job and waits until it is settled. Returns the number of tokens of its answer.
    async fn run_job(&self, number: usize) -> Result<usize> {
        let address = self.wallet.pubkey();
        let nonce = u64::try_from(number)?;
        let definition = self.store.put_json(&build_definition(number))?;

        // Subscribes before the job exists, so that its settlement is not missed.
        let mut updates = self.session.subscribe_account::<Job>(pda::jobs::job(&address, nonce));
        let order = actions::JobListing {
            nonce,
            definition: definition.digest(),
            kind: Kind::Batch as u8,
            timeout_seconds: TIMEOUT_SECONDS,
            max_price_per_second: nosana_localnet::windowless_terms().price_per_second,
            is_private: false,
        };
        let list = actions::list(address, address, self.market, self.mint, order);
        self.session.send_transaction(&[list.into()], &self.wallet, &[]).await?;

        let settling = async {
            while let Some(update) = updates.next().await {
                if let Some(job) = update?.account
                    && job.state == State::Settled as u8
                {
                    return Ok(job);
                }
            }
            bail!("the subscription to job {number} ended")
        };
        let settled = tokio::time::timeout(self.patience, settling).await;
        let job = settled.with_context(|| format!("job {number} was not settled in time"))??;

        ensure!(job.reason == Reason::Completed as u8, "job {number} was not completed");
        count_tokens(&self.store, &job)
    }
}

fn count_tokens(store: &Store, job: &Job) -> Result<usize> {
    let result: JobResult = store.get_json(&ContentId::from_digest(job.result))?;
    let output = result.ops.first().and_then(|operation| operation.output);
    let output: GenerationOutput = store.get_json(&output.context("a job has no output")?)?;

    Ok(output.generations.iter().map(|answer| answer.token_ids.len()).sum())
}

//! The same requests as jobs on a local network: listed, run, settled and paid.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::{Session, actions, jobs::accounts::Job, pda};
use nosana_job_spec::{ContentId, JobResult};
use nosana_localnet::World;
use nosana_protocol::job::{Kind, Reason, State};
use nosana_store::Store;
use nosana_worker::Worker;
use serde::{Deserialize, Serialize};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    stages::{JobTimes, StageTimes},
    throughput::{Throughput, count_requests},
    workload::Workload,
};
use crate::node::configure_worker;

/// The most slots of a node.
const MAX_SLOTS: u8 = nosana_protocol::slot::NODE_SLOTS;
/// The longest paid time of a job.
const TIMEOUT_SECONDS: u64 = 600;

/// Requests as jobs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarketRun {
    /// The tokens or sentences, and the time for them.
    #[serde(flatten)]
    pub throughput: Throughput,
    /// How long a job took.
    pub stages: StageTimes,
}

/// A client, which lists jobs and reads their results.
#[derive(Clone)]
struct Client {
    session: Session,
    workload: Workload,
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
    workload: Workload,
    in_flight: usize,
    patience: Duration,
) -> Result<MarketRun> {
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
        workload,
        wallet: Arc::new(world.client.insecure_clone()),
        market: world.market,
        mint: world.mint,
        store,
        patience,
    };
    let measuring = async {
        client.run_job(count_requests(in_flight)).await?;
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
async fn measure_jobs(client: &Client, in_flight: usize) -> Result<MarketRun> {
    let requests = count_requests(in_flight);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();

    let mut clients = JoinSet::new();
    for _ in 0..in_flight {
        let (client, next) = (client.clone(), Arc::clone(&next));
        clients.spawn(async move {
            let mut jobs = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return Ok::<_, anyhow::Error>(jobs);
                }
                jobs.push(client.run_job(number).await?);
            }
        });
    }

    let mut jobs = Vec::new();
    while let Some(finished) = clients.join_next().await {
        jobs.extend(finished??);
    }
    let seconds = begun.elapsed().as_secs_f64();

    let items = jobs.iter().map(|(_, items)| items).sum();
    let times: Vec<_> = jobs.into_iter().map(|(times, _)| times).collect();
    let throughput = Throughput { in_flight, requests, items, seconds };
    Ok(MarketRun { throughput, stages: StageTimes::of_jobs(&times) })
}

impl Client {
    /// Lists a job and waits until it is settled. Returns its timestamps, and the tokens or
    /// sentences of its result.
    async fn run_job(&self, number: usize) -> Result<(JobTimes, usize)> {
        let address = self.wallet.pubkey();
        let nonce = u64::try_from(number)?;
        let definition = self.store.put_json(&self.workload.build_definition(number))?;

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
        let sent = Instant::now();
        self.session.send_transaction(&[list.into()], &self.wallet, &[]).await?;
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
        let times = JobTimes { sent, listed, started, settled: settled.max(started) };
        let result: JobResult = self.store.get_json(&ContentId::from_digest(job.result))?;
        Ok((times, self.workload.count_items(&result, &self.store)?))
    }
}

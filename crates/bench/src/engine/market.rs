//! The same requests as jobs on a local network: listed, run, settled and paid.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nosana_client::Session;
use nosana_localnet::World;
use nosana_store::Store;
use nosana_worker::Worker;
use serde::{Deserialize, Serialize};
use solana_signature::Signature;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    client::{Client, ClientJob},
    node_record::NodeRecord,
    stages::{JobTimes, StageTimes},
    throughput::{Throughput, count_requests},
    traffic::JobTraffic,
    workload::Workload,
};
use crate::{node::configure_worker, wait::with_timeout};

/// The most slots of a node.
const MAX_SLOTS: u8 = nosana_protocol::slot::NODE_SLOTS;

/// Requests as jobs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarketRun {
    /// The tokens or sentences, and the time for them.
    #[serde(flatten)]
    pub throughput: Throughput,
    /// How long a job took.
    pub stages: StageTimes,
    /// The transactions of a job.
    pub traffic: JobTraffic,
}

/// Settled jobs, and the time for them.
struct FinishedJobs {
    jobs: Vec<ClientJob>,
    throughput: Throughput,
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
    let recording = tokio::spawn(NodeRecord::collect_events(received));
    let mut working = tokio::spawn(worker.run(stopped, events));

    let client = Client::new(world, workload, store, patience);
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
    let finished = measured?;
    let record = with_timeout(patience, "receiving the worker's last events", recording).await?;
    finished.summarize_run(&world.session, &record).await
}

/// Runs all jobs, each listed by the next of `in_flight` clients that is free.
async fn measure_jobs(client: &Client, in_flight: usize) -> Result<FinishedJobs> {
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

    let items = jobs.iter().map(|job| job.items).sum();
    let throughput = Throughput { in_flight, requests, items, seconds };
    Ok(FinishedJobs { jobs, throughput })
}

impl FinishedJobs {
    /// Adds what the node recorded, and what the network stored.
    async fn summarize_run(&self, session: &Session, record: &NodeRecord) -> Result<MarketRun> {
        let mut times: Vec<JobTimes> = Vec::with_capacity(self.jobs.len());
        let mut signatures: Vec<Signature> = Vec::new();

        for job in &self.jobs {
            let by_node = record.find_job(&job.address);
            let executed = by_node.and_then(|by_node| by_node.executed);
            let executed = executed
                .with_context(|| format!("the node did not report that it ran {}", job.address))?;
            times.push(job.complete_times(executed));
            signatures.push(job.listing);
            signatures.extend(by_node.into_iter().flat_map(|by_node| &by_node.signatures));
        }

        Ok(MarketRun {
            throughput: self.throughput,
            stages: StageTimes::of_jobs(&times),
            traffic: JobTraffic::measure_jobs(session, self.jobs.len(), &signatures).await?,
        })
    }
}

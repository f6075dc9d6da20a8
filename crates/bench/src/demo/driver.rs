//! Runs the jobs, from the first listing to the last settlement.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_localnet::World;
use nosana_store::Store;
use nosana_worker::{Worker, WorkerEvent, WorkerSummary};
use tokio::sync::{Mutex, mpsc, watch};

use super::{
    DemoConfig,
    list_jobs::{self, DemoClient, ListedJob, SettledJob},
    plan::{self, Wave},
    worker_record::{JobRecord, WorkerRecord},
};
use crate::{
    progress::{Part, Progress},
    report::{
        job::{ChainTimes, JobReport, Money},
        transaction::Transaction,
    },
    stages::Marks,
    wait::{Stopwatch, with_timeout},
};

/// The outcome of all jobs.
pub struct History {
    /// The jobs, in the order of their numbers.
    pub jobs: Vec<FinishedJob>,
    /// Transactions of the node that do not belong to a job.
    pub other_transactions: Vec<Transaction>,
    /// The worker's own count of its jobs.
    pub summary: WorkerSummary,
    /// Errors that were retried.
    pub problems: Vec<String>,
}

/// A job's report, and what only the checks need.
pub struct FinishedJob {
    pub report: JobReport,
    pub account: Job,
    pub definition: ContentId,
}

/// Runs all jobs. The first ones are listed before the node requests work.
pub async fn run_jobs(
    config: &DemoConfig,
    progress: &Progress,
    world: &World,
    store: &Store,
    worker: Worker,
) -> Result<History> {
    let part = progress.begin_part("jobs");
    let client = DemoClient { world, store, watch: Stopwatch::start() };
    let (stop, stopped) = watch::channel(false);
    let (events, received) = mpsc::unbounded_channel();
    let record = Arc::new(Mutex::new(WorkerRecord::default()));
    let (waits, node_waits) = watch::channel(false);
    let recording = tokio::spawn(record_events(received, Arc::clone(&record), client.watch, waits));

    let mut driver = JobDriver { config, client, part: &part, node_waits, settled: Vec::new() };
    let [early, later @ ..] = &plan::plan_waves(config.jobs)[..] else {
        bail!("the plan has no jobs")
    };
    let listed = driver.list_jobs(early.job_count()).await?;
    let mut working = tokio::spawn(worker.run(stopped, events));
    let ran = tokio::select! {
        ran = driver.run_waves(listed, later) => ran,
        ended = &mut working => Err(anyhow!("the worker ended too early: {ended:?}")),
    };
    if let Err(error) = ran {
        working.abort();
        let problems = record.lock().await.problems.clone();
        let last = problems.last().map_or("the worker reported no problem", String::as_str);
        return Err(
            error.context(format!("not all jobs were settled; the worker's last problem: {last}"))
        );
    }

    let settled = driver.settled;
    part.set_step("stopping the node");
    stop.send(true).context("the worker ended too early")?;
    let stopping = async { working.await? };
    let summary = with_timeout(config.patience, "stopping the worker", stopping).await?;
    with_timeout(config.patience, "receiving the worker's last events", recording).await??;
    let mut record = std::mem::take(&mut *record.lock().await).close();

    let origin = settled.iter().map(|(listed, _)| listed.sent).min().unwrap_or_default();
    let jobs = settled.into_iter().map(|(listed, settled)| {
        let record = record.jobs.remove(&listed.address).unwrap_or_default();
        build_job(listed, settled, record, origin)
    });
    let mut jobs = jobs.collect::<Result<Vec<_>>>()?;
    jobs.sort_by_key(|job| job.report.number);

    part.finish(format!("{} run, settled and paid", jobs.len()));
    Ok(History { jobs, other_transactions: record.others, summary, problems: record.problems })
}

/// Records the worker's events until it ends.
async fn record_events(
    mut events: mpsc::UnboundedReceiver<WorkerEvent>,
    record: Arc<Mutex<WorkerRecord>>,
    watch: Stopwatch,
    waits: watch::Sender<bool>,
) -> Result<()> {
    while let Some(event) = events.recv().await {
        let received = watch.elapsed_ms();
        let mut record = record.lock().await;
        record.record_event(event, received);
        waits.send_replace(record.node_waits());
    }

    Ok(())
}

struct JobDriver<'a> {
    config: &'a DemoConfig,
    client: DemoClient<'a>,
    part: &'a Part,
    node_waits: watch::Receiver<bool>,
    settled: Vec<(ListedJob, SettledJob)>,
}

impl JobDriver<'_> {
    /// Waits until the first jobs are settled, then runs wave after wave.
    async fn run_waves(&mut self, first: Vec<ListedJob>, later: &[Wave]) -> Result<()> {
        self.await_jobs(first).await?;

        for wave in later {
            let waits = self.node_waits.wait_for(|waits| *waits);
            let is_free = async { waits.await.map(drop) };
            with_timeout(self.config.patience, "waiting for the node to be free", is_free).await?;

            let listed = self.list_jobs(wave.job_count()).await?;
            self.await_jobs(listed).await?;
        }

        Ok(())
    }

    /// Lists `count` more jobs, one after the other, so that they queue in the order of their
    /// numbers.
    async fn list_jobs(&mut self, count: usize) -> Result<Vec<ListedJob>> {
        let done = self.settled.len();
        let total = self.config.jobs;
        let mut listed = Vec::with_capacity(count);
        for number in (1..=count).map(|next| done + next) {
            self.part.set_step(format!("{done} of {total} settled, listing job {number}"));
            let listing = self.client.list_job(number);
            listed.push(with_timeout(self.config.patience, "listing a job", listing).await?);
        }

        Ok(listed)
    }

    async fn await_jobs(&mut self, listed: Vec<ListedJob>) -> Result<()> {
        let total = self.config.jobs;
        for mut job in listed {
            let done = self.settled.len();
            let direction = job.direction.name();
            self.part
                .set_step(format!("{done} of {total} settled, job {} {direction}", job.number));

            let patience = self.config.patience;
            let settled =
                list_jobs::await_settlement(&mut job.settlement, job.number, patience).await?;
            self.settled.push((job, settled));
        }

        Ok(())
    }
}

/// Combines what the client, the cluster and the worker recorded about a job.
fn build_job(
    listed: ListedJob,
    settled: SettledJob,
    record: JobRecord,
    origin: u64,
) -> Result<FinishedJob> {
    let number = listed.number;
    let missing = |what| format!("the worker did not report that job {number} was {what}");
    let payment = record.settled.with_context(|| missing("settled"))?;
    let finished = record.finished.with_context(|| missing("finished"))?;

    let marks = Marks {
        sent: listed.sent,
        listed: listed.listed,
        taken: record.taken.with_context(|| missing("taken"))?,
        started: record.started.with_context(|| missing("started"))?,
        executed: record.executed.with_context(|| missing("executed"))?,
        // Some networks notify subscribers of a change before it is confirmed.
        settled: settled.received.max(finished),
    };
    let marks = marks.relative_to(origin);

    let account = settled.account;
    let report = JobReport {
        number,
        address: listed.address.to_string(),
        direction: listed.direction,
        inputs: listed.inputs,
        question: listed.question,
        answer: None,
        definition: listed.definition.to_string(),
        result: ContentId::from_digest(account.result).to_string(),
        marks,
        stages: marks.to_stages(listed.direction),
        chain: ChainTimes {
            listed: account.listed_at,
            started: account.started_at,
            submitted: account.submitted_at,
            settled: account.settled_at,
            paid_seconds: payment.paid_seconds,
        },
        money: Money {
            escrow: listed.escrow,
            node: payment.node_amount,
            refund: payment.payer_amount,
            network: payment.network_amount,
        },
        transactions: std::iter::once(listed.transaction).chain(record.transactions).collect(),
    };
    Ok(FinishedJob { report, account, definition: listed.definition })
}

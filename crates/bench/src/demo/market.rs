//! The jobs, from the first to the last.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_localnet::World;
use nosana_store::Store;
use nosana_worker::{Worker, WorkerEvent, WorkerSummary};
use tokio::sync::{Mutex, mpsc, watch};

use super::{
    DemoConfig,
    client::{self, Client, Ended, Listed},
    plan::{self, Wave},
    record::{JobRecord, Record},
    wait::{Stopwatch, within},
};
use crate::{
    progress::{Part, Progress},
    report::{ChainTimes, JobReport, Money, Transaction},
    stages::Marks,
};

/// What happened in the market.
pub struct History {
    /// In the order of their numbers.
    pub jobs: Vec<Finished>,
    /// The node's transactions that belong to no job.
    pub other_transactions: Vec<Transaction>,
    /// What the worker says it did.
    pub summary: WorkerSummary,
    /// What went wrong on the way.
    pub problems: Vec<String>,
}

/// A job with what its report does not need.
pub struct Finished {
    pub report: JobReport,
    pub account: Job,
    pub definition: ContentId,
}

/// Has all jobs run, the first ones listed before the node looks for work.
pub async fn run(
    config: &DemoConfig,
    progress: &Progress,
    world: &World,
    store: &Store,
    worker: Worker,
) -> Result<History> {
    let part = progress.part("jobs");
    let client = Client { world, store, watch: Stopwatch::start() };
    let (stop, stopped) = watch::channel(false);
    let (events, heard) = mpsc::unbounded_channel();
    let record = Arc::new(Mutex::new(Record::default()));
    let (waits, node_waits) = watch::channel(false);
    let recording = tokio::spawn(listen(heard, Arc::clone(&record), client.watch, waits));

    let mut market = Market { config, client, part: &part, node_waits, ended: Vec::new() };
    let [early, later @ ..] = &plan::waves(config.jobs)[..] else {
        bail!("there is nothing to do")
    };
    let listed = market.list(early.jobs()).await?;
    let mut working = tokio::spawn(worker.run(stopped, events));
    let ran = tokio::select! {
        ran = market.drive(listed, later) => ran,
        ended = &mut working => Err(anyhow!("the worker ended too early: {ended:?}")),
    };
    if let Err(error) = ran {
        working.abort();
        let problems = record.lock().await.problems.clone();
        let last = problems.last().map_or("the worker reported no problem", String::as_str);
        return Err(
            error.context(format!("the jobs did not all get done; the worker's last word: {last}"))
        );
    }
    let ended = market.ended;
    part.say("the node leaves");
    stop.send(true).context("the worker is gone")?;
    let summary = within(config.patience, "stopping the worker", async { working.await? }).await?;
    within(config.patience, "hearing the worker out", recording).await??;
    let mut record = std::mem::take(&mut *record.lock().await).close();

    let origin = ended.iter().map(|(listed, _)| listed.sent).min().unwrap_or_default();
    let jobs = ended.into_iter().map(|(listed, end)| {
        let record = record.jobs.remove(&listed.address).unwrap_or_default();
        finished(listed, end, record, origin)
    });
    let mut jobs = jobs.collect::<Result<Vec<_>>>()?;
    jobs.sort_by_key(|job| job.report.number);
    part.done(format!("{} run, settled and paid", jobs.len()));
    Ok(History { jobs, other_transactions: record.others, summary, problems: record.problems })
}

/// Writes down what the worker tells, until it ends.
async fn listen(
    mut events: mpsc::UnboundedReceiver<WorkerEvent>,
    record: Arc<Mutex<Record>>,
    watch: Stopwatch,
    waits: watch::Sender<bool>,
) -> Result<()> {
    while let Some(event) = events.recv().await {
        let at = watch.ms();
        let mut record = record.lock().await;
        record.note(event, at);
        waits.send_replace(record.node_waits());
    }
    Ok(())
}

struct Market<'a> {
    config: &'a DemoConfig,
    client: Client<'a>,
    part: &'a Part,
    node_waits: watch::Receiver<bool>,
    ended: Vec<(Listed, Ended)>,
}

impl Market<'_> {
    /// Sees the first jobs to their end, then wave after wave.
    async fn drive(&mut self, first: Vec<Listed>, later: &[Wave]) -> Result<()> {
        self.settle(first).await?;
        for wave in later {
            let waits = self.node_waits.wait_for(|waits| *waits);
            let patience: Duration = self.config.patience;
            within(patience, "waiting for the node to be free", async { waits.await.map(drop) })
                .await?;
            let listed = self.list(wave.jobs()).await?;
            self.settle(listed).await?;
        }
        Ok(())
    }

    /// Lists that many more jobs, one after the other: so they queue in the order of their numbers.
    async fn list(&mut self, count: usize) -> Result<Vec<Listed>> {
        let mut listed = Vec::with_capacity(count);
        for number in (1..=count).map(|next| self.ended.len() + next) {
            let (done, of) = (self.ended.len(), self.config.jobs);
            self.part.say(format!("{done} of {of} settled, listing job {number}"));
            listed.push(
                within(self.config.patience, "listing a job", self.client.list(number)).await?,
            );
        }
        Ok(listed)
    }

    async fn settle(&mut self, listed: Vec<Listed>) -> Result<()> {
        for mut listed in listed {
            let (done, of) = (self.ended.len(), self.config.jobs);
            self.part.say(format!(
                "{done} of {of} settled, job {} {}",
                listed.number,
                listed.direction.name()
            ));
            let end =
                client::ended(&mut listed.ending, listed.number, self.config.patience).await?;
            self.ended.push((listed, end));
        }
        Ok(())
    }
}

/// All that is known about a job, in one place.
fn finished(listed: Listed, end: Ended, record: JobRecord, origin: u64) -> Result<Finished> {
    let number = listed.number;
    let missing = |what| format!("the worker never told that job {number} was {what}");
    let settled = record.settled.with_context(|| missing("settled"))?;
    let marks = Marks {
        sent: listed.sent,
        listed: listed.listed,
        taken: record.taken.with_context(|| missing("taken"))?,
        started: record.started.with_context(|| missing("started"))?,
        executed: record.executed.with_context(|| missing("executed"))?,
        // Some networks tell subscribers of a change before it is confirmed.
        settled: end.at.max(record.finished.with_context(|| missing("finished"))?),
    };
    let marks = marks.since(origin);
    let report = JobReport {
        number,
        address: listed.address.to_string(),
        direction: listed.direction,
        inputs: listed.inputs,
        definition: listed.definition.to_string(),
        result: ContentId::from_digest(end.job.result).to_string(),
        marks,
        stages: marks.stages(listed.direction),
        chain: ChainTimes {
            listed: end.job.listed_at,
            started: end.job.started_at,
            submitted: end.job.submitted_at,
            settled: end.job.settled_at,
            paid_seconds: settled.paid_seconds,
        },
        money: Money {
            escrow: listed.escrow,
            node: settled.node_amount,
            refund: settled.payer_amount,
            network: settled.network_amount,
        },
        transactions: std::iter::once(listed.transaction).chain(record.transactions).collect(),
    };
    Ok(Finished { report, account: end.job, definition: listed.definition })
}

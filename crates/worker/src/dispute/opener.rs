//! Defends this node's own results: opens the trace as soon as the dispute is in its phase, and
//! keeps places at the endpoint for the panel before that. Runs beside everything else: another
//! transaction that does not land must not delay it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::Result;
use nosana_client::{
    actions,
    jobs::accounts::{Dispute, Job},
    pda,
};
use nosana_protocol::{
    dispute::phase::{Phase, Progress},
    job::State,
    units::UnixTimestamp,
};
use solana_address::Address;
use solana_signer::Signer;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use super::{
    panel_places::PanelPlaces,
    time_limit::{LOOK_TIME, SEND_TIME, limit_time},
    trace::Trace,
    turn::is_reading,
};
use crate::{
    event_sink::EventSink, journal::JournalEntry, kill::kill_point, transaction::Outgoing,
    worker::Worker,
};

/// The pause between two looks at the results of the journal.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// The defense of this node's results, until this is dropped.
pub(crate) struct Defense(JoinHandle<()>);

impl Drop for Defense {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Defense {
    /// Starts it on a task of its own.
    pub fn spawn(worker: &Arc<Worker>, events: &EventSink) -> Self {
        Self(tokio::spawn(defend_results(Arc::clone(worker), events.clone())))
    }
}

/// The dispute about a result of this node.
struct OwnDispute {
    address: Address,
    account: Dispute,
    progress: Progress,
    now: UnixTimestamp,
}

/// Defends every result of the journal that has a trace, each on a task of its own.
async fn defend_results(worker: Arc<Worker>, events: EventSink) {
    let mut tasks = JoinSet::new();
    let mut busy = HashSet::new();
    let mut places = PanelPlaces::default();

    loop {
        while let Some(ended) = tasks.try_join_next() {
            match ended {
                Ok((job, looked)) => {
                    busy.retain(|busy| *busy != job);
                    match looked {
                        Ok(dispute) => places.note_dispute(job, dispute),
                        Err(error) => events
                            .emit_problem(format!("cannot defend the result of {job}: {error:#}")),
                    }
                }
                // It is not known which one: a trace that is opened twice fails in its simulation.
                Err(_) => busy.clear(),
            }
        }

        places.retain_jobs(|job| worker.journal.get(job).is_some());
        places.keep_places(&worker);
        for job in worker.journal.job_addresses() {
            let Some(JournalEntry { result: Some(_), trace: Some(trace), .. }) =
                worker.journal.get(&job)
            else {
                continue;
            };
            if busy.insert(job) {
                tasks.spawn(defend_result(Arc::clone(&worker), job, trace, events.clone()));
            }
        }
        sleep(LOOK_INTERVAL).await;
    }
}

/// Opens the trace of a result if that is due. Returns the job, and the dispute about it as long as
/// a panel reads the result.
async fn defend_result(
    worker: Arc<Worker>,
    job: Address,
    trace: Trace,
    events: EventSink,
) -> (Address, Result<Option<Dispute>>) {
    let looking = limit_time(LOOK_TIME, "the look for its dispute", worker.find_disputed(job));
    let found = match looking.await {
        Ok(Some(found)) => found,
        Ok(None) => return (job, Ok(None)),
        Err(error) => return (job, Err(error)),
    };
    let read = is_reading(found.progress.phase).then_some(found.account);

    let opened = worker.open_if_due(job, &found, &trace, &events).await;
    (job, opened.map(|()| read))
}

impl Worker {
    /// Returns the dispute about a result of this node, if there is one.
    async fn find_disputed(&self, address: Address) -> Result<Option<OwnDispute>> {
        let Some(job) = self.session.find_account::<Job>(&address).await? else {
            return Ok(None);
        };
        if job.state != State::Challenged as u8 || job.node != self.node {
            return Ok(None);
        }
        self.find_own_dispute(address, &job).await
    }

    /// Opens the trace of a result of this node if its dispute is in that phase.
    async fn open_if_due(
        &self,
        address: Address,
        dispute: &OwnDispute,
        trace: &Trace,
        events: &EventSink,
    ) -> Result<()> {
        if dispute.progress.phase != Phase::Opening {
            return Ok(());
        }

        tracing::warn!(job = %address, dispute = %dispute.address, "opens the trace of a result");
        kill_point("before-open");
        let owner = self.config.authority.pubkey();
        let Trace { sketch, salt } = *trace;
        let open = actions::open_trace(owner, dispute.address, &dispute.account, sketch, salt);
        let outgoing = Outgoing::for_job(address, "open_trace", open).urgent();
        let opening = async { self.send(outgoing, events).await.map_err(anyhow::Error::new) };
        limit_time(SEND_TIME, "opening its trace", opening).await?;
        Ok(())
    }

    /// Does what anyone may do in the dispute about a result of this node. Warns if its trace is
    /// due and lost.
    pub(crate) async fn crank_own_dispute(
        &self,
        address: Address,
        job: &Job,
        has_trace: bool,
        events: &EventSink,
    ) -> Result<()> {
        let Some(dispute) = self.find_own_dispute(address, job).await? else { return Ok(()) };

        if dispute.progress.phase == Phase::Opening {
            if !has_trace {
                events.emit_problem(format!(
                    "the result of {address} is disputed, and the journal does not have its trace: \
                     the collateral is lost unless the file is restored before {}",
                    dispute.progress.ends.0
                ));
            }
            return Ok(());
        }
        self.crank_dispute(dispute.address, &dispute.account, dispute.now, events).await
    }

    async fn find_own_dispute(&self, job: Address, account: &Job) -> Result<Option<OwnDispute>> {
        let address = pda::jobs::dispute(&job, account.attempt_id);
        let found = self.session.find_account::<Dispute>(&address).await?;
        let Some(account) = found else { return Ok(None) };
        let now = UnixTimestamp(self.session.fetch_clock().await?.unix_timestamp);

        let progress = account.progress_at(now).ok();
        Ok(progress.map(|progress| OwnDispute { address, account, progress, now }))
    }
}

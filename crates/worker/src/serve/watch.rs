//! What the chain says of a running service, and what it is told.

use std::{fmt, time::Duration};

use anyhow::{Context, Result};
use nosana_client::{
    actions,
    jobs::{self, accounts::Job},
};
use nosana_job_spec::{ContentId, ServiceReport};
use nosana_protocol::{
    ending::Ending,
    job::Reason,
    units::{Seconds, UnixTimestamp, WHOLE_BPS},
};
use nosana_sandbox::Live;
use solana_address::Address;
use solana_signer::Signer;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use crate::{
    Worker, WorkerEvent,
    events::Events,
    execute::unix_ms,
    perform::{NO_CHECKPOINT, NO_PROGRESS, between_beats},
    run::is,
};

/// How long to trust the silence of the websocket.
const LOOK: Duration = Duration::from_secs(10);
/// Between two tries after something failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Why the operations of a service run no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Its paid time is over.
    TimeIsUp,
    /// The chain took the run away, or will: for this reason.
    Taken(String),
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimeIsUp => "its time is up",
            Self::Taken(reason) => reason,
        })
    }
}

/// Whether a run ends here because its whole time is proven.
pub(super) fn is_whole(ending: Option<Ending>) -> bool {
    matches!(ending, Some(Ending::Settle(Reason::Completed, _)))
}

impl Worker {
    /// Returns when the chain has ended the run, or would. Its client may buy more time meanwhile,
    /// or stop it.
    pub(super) async fn until_over(&self, address: Address, events: &Events) -> Over {
        let mut updates = self.session.subscribe_account::<Job>(address);
        loop {
            let pause = match self.standing(address).await {
                Ok(Standing::Over(over)) => return over,
                Ok(Standing::Runs(left)) => Duration::from_secs(left.0).clamp(PAUSE, LOOK),
                Err(error) => {
                    events.tell(WorkerEvent::Problem(format!(
                        "cannot look at the service: {error:#}"
                    )));
                    sleep(PAUSE).await;
                    PAUSE
                }
            };
            // A change of the account is looked at like everything else: with the chain's clock
            // beside it.
            let _ = timeout(pause, updates.next()).await;
        }
    }

    async fn standing(&self, address: Address) -> Result<Standing> {
        let (job, clock) =
            tokio::try_join!(self.session.find_account::<Job>(&address), self.session.clock())?;
        let Some(job) = job else {
            return Ok(Standing::Over(Over::Taken("the job is closed".to_owned())));
        };
        if !self.runs(&job) {
            let reason = Reason::from_byte(job.reason).unwrap_or(Reason::None);
            return Ok(Standing::Over(Over::Taken(format!("the chain ended it: {reason:?}"))));
        }
        let now = UnixTimestamp(clock.unix_timestamp);
        Ok(match job.ending(now).ok().context("the job's clocks are beyond all numbers")? {
            Some(ending) if is_whole(Some(ending)) => Standing::Over(Over::TimeIsUp),
            Some(_) => {
                Standing::Over(Over::Taken("no heartbeat came through for too long".to_owned()))
            }
            None => Standing::Runs(
                job.time_left(now).ok().context("the job's end is beyond all numbers")?,
            ),
        })
    }

    /// Sends heartbeats, the first one at once where the run was `resumed`; each names the end of
    /// what was printed, if that is new. Returns when the chain takes none any more.
    pub(super) async fn prove(
        &self,
        address: Address,
        job: &Job,
        resumed: bool,
        live: &Live,
        events: &Events,
    ) -> Over {
        let (pause, mut told) = (between_beats(job), 0);
        let first = if resumed { Duration::ZERO } else { pause };
        let mut beat = interval_at(Instant::now() + first, pause);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            let (log, printed) = live.read();
            let mut checkpoint = NO_CHECKPOINT;
            if printed != told {
                let definition = ContentId::from_digest(job.definition);
                match self.report(ServiceReport::new(definition, unix_ms(), &log, printed)).await {
                    Ok(report) => (checkpoint, told) = (report.digest(), printed),
                    Err(error) => {
                        events.tell(WorkerEvent::Problem(format!(
                            "cannot store what the service prints: {error:#}"
                        )));
                    }
                }
            }
            if let Some(refusal) = self.beat_with(address, checkpoint, NO_PROGRESS, events).await {
                return Over::Taken(format!("its heartbeat was refused: {refusal}"));
            }
        }
    }

    async fn report(&self, report: ServiceReport) -> Result<ContentId> {
        let store = self.config.store.clone();
        Ok(spawn_blocking(move || store.put_json(&report)).await??)
    }

    /// Tells the chain what the service left. It has ended just now, or after its end, so this
    /// proves nothing that was not.
    pub(super) async fn last_beat(&self, address: Address, result: &ContentId, events: &Events) {
        if let Some(refusal) = self.beat_with(address, result.digest(), WHOLE_BPS, events).await {
            tracing::warn!(job = %address, %result, "the chain does not know what the service left: {refusal}");
        }
    }

    /// One heartbeat; the refusal if none will be taken any more. If it fails otherwise, the next
    /// one tries again.
    async fn beat_with(
        &self,
        address: Address,
        checkpoint: [u8; 32],
        progress: u16,
        events: &Events,
    ) -> Option<String> {
        let heartbeat =
            actions::heartbeat(self.config.authority.pubkey(), address, checkpoint, progress);
        match self.session.send(&[heartbeat.into()], &*self.config.authority, &[]).await {
            Ok(receipt) => {
                events.tell(WorkerEvent::Transaction {
                    job: Some(address),
                    instruction: "heartbeat",
                    receipt,
                });
                None
            }
            // What was not proven in time cannot be filled in later.
            Err(error)
                if [
                    jobs::Error::WrongState,
                    jobs::Error::NotThisNode,
                    jobs::Error::DeadlinePassed,
                ]
                .into_iter()
                .any(|refusal| is(&error, refusal)) =>
            {
                Some(error.to_string())
            }
            Err(error) => {
                events.tell(WorkerEvent::Problem(format!("a heartbeat failed: {error}")));
                None
            }
        }
    }

    /// Ends the run as soon as the chain does that, and returns the job once it does not run here
    /// any more; `None` if it is closed.
    pub(super) async fn outlast(&self, address: Address, events: &Events) -> Result<Option<Job>> {
        let mut updates = self.session.subscribe_account::<Job>(address);
        loop {
            let (job, clock) =
                tokio::try_join!(self.session.find_account::<Job>(&address), self.session.clock())?;
            let Some(job) = job else { return Ok(None) };
            if !self.runs(&job) {
                return Ok(Some(job));
            }
            let now = UnixTimestamp(clock.unix_timestamp);
            if job.ending(now).ok().context("the job's clocks are beyond all numbers")?.is_none() {
                let silent = now.since(UnixTimestamp(job.heartbeat_at)).0;
                let left = u64::from(job.heartbeat_seconds).saturating_sub(silent);
                let _ = timeout(Duration::from_secs(left).clamp(PAUSE, LOOK), updates.next()).await;
                continue;
            }
            let owner = self.config.authority.pubkey();
            let expire = actions::expire_run(owner, address, &job, owner);
            match self.session.send(&[expire.into()], &*self.config.authority, &[]).await {
                Ok(receipt) => {
                    events.tell(WorkerEvent::Transaction {
                        job: Some(address),
                        instruction: "expire_run",
                        receipt,
                    });
                }
                // Somebody else was first, or the chain's clock is a little behind what it told.
                Err(error) if error.program().is_some() => sleep(PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// What the chain says of a run.
enum Standing {
    /// It goes on for this long, unless its client buys more.
    Runs(Seconds),
    Over(Over),
}

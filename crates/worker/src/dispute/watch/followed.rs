//! What this node does for each dispute on tasks of their own: preparing the case, judging.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use nosana_client::jobs::accounts::{Dispute, Job, Node};
use nosana_protocol::units::UnixTimestamp;
use nosana_sandbox::CancelToken;
use solana_address::Address;
use tokio::time::{Instant, sleep};

use super::{
    super::{
        case::{Case, ModelOrigin},
        fisherman::CheckEnd,
        turn::{Act, has_disputed_result, is_party},
    },
    DisputeWatch, STEP_INTERVAL,
};
use crate::{execute::Precedence, worker::Worker};

/// The pause after a judgment that failed.
const JUDGE_DELAY: Duration = Duration::from_secs(10);
/// The longest pause after a preparation that failed.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60);
/// The part of a phase that such a pause takes at most: work for a seat has to be done twice in one.
const RETRY_DIVISOR: u32 = 8;

/// How often the account of a disputed job is read until it has the result.
const MAX_READS: u32 = 5;

/// How far this node is with the preparation of a case.
pub(super) enum Preparation {
    Running,
    /// Definition and models are here. The work is tried once it is this node's turn to do so.
    Fetched(Box<Case>),
    Ready(Arc<Case>),
    /// It failed: no other attempt before this.
    Failed(Instant),
}

/// A dispute that is followed.
#[derive(Default)]
pub(super) struct Followed {
    pub preparation: Option<Preparation>,
    pub is_judging: bool,
    /// No judgment before this, after one that failed.
    pub judge_at: Option<Instant>,
    /// What a task does at the moment.
    pub acting: Option<Act>,
    /// Whether this node would claim a seat, and its own jobs use all devices.
    pub wants_device: bool,
    pub is_cranking: bool,
    /// No crank before this.
    pub crank_at: Option<Instant>,
    /// The length of its phases.
    pub phase_seconds: u32,
    /// How often in a row its account was missing.
    pub missing: u32,
    /// Whether it is a dispute of another market, which gets what those of this one leave.
    pub is_elsewhere: bool,
    /// Whether it is one, and this node has a seat whose collateral is in use.
    pub has_seat_elsewhere: bool,
}

impl Followed {
    /// Whether its case is prepared at the moment.
    pub fn is_preparing(&self) -> bool {
        matches!(self.preparation, Some(Preparation::Running))
    }

    fn forget_tasks(&mut self) {
        self.is_judging = false;
        self.acting = None;
        self.is_cranking = false;
        if self.is_preparing() {
            self.preparation = None;
        }
    }

    /// Whether a task works on it.
    pub fn is_busy(&self) -> bool {
        self.is_judging || self.acting.is_some() || self.is_cranking || self.is_preparing()
    }
}

/// What was found in other markets.
pub(super) enum Sighting {
    /// The disputes in which this node has a seat.
    Seats(Vec<Address>),
    /// Those in which it can get one, the dearest first.
    Open(Vec<Address>),
}

/// What a task has done.
pub(super) enum TaskEnd {
    Prepared(Address, Result<Preparation>),
    Judged(Address, Result<()>),
    Acted(Address, Result<()>),
    Cranked(Address, Result<()>),
    Enrolled(Result<()>),
    Removed(Result<()>),
    /// A result of another node, and its attempt.
    Checked(Address, u64, Result<CheckEnd>),
    /// Disputes of other markets are listed.
    Looked(Result<Sighting>),
}

impl DisputeWatch {
    /// Returns the case of a dispute if it is prepared; prepares it otherwise. Fetches what it
    /// needs at once, and uses a device only if that `is_due`.
    pub(super) fn find_case(
        &mut self,
        address: Address,
        dispute: &Dispute,
        is_due: bool,
    ) -> Option<Arc<Case>> {
        let preparation = &mut self.followed.entry(address).or_default().preparation;
        match &*preparation {
            Some(Preparation::Ready(case)) => return Some(Arc::clone(case)),
            Some(Preparation::Running) => return None,
            Some(Preparation::Fetched(_)) if !is_due => return None,
            Some(Preparation::Failed(retry_at)) if Instant::now() < *retry_at => return None,
            Some(Preparation::Fetched(_) | Preparation::Failed(_)) | None => {}
        }

        let fetched = match preparation.replace(Preparation::Running) {
            Some(Preparation::Fetched(case)) => Some(case),
            Some(Preparation::Running | Preparation::Ready(_) | Preparation::Failed(_)) | None => {
                None
            }
        };
        if is_due {
            self.worker.idle_work.give_way();
        }
        let worker = Arc::clone(&self.worker);
        let dispute = *dispute;
        self.tasks.spawn(async move {
            let prepared = prepare_dispute(&worker, &dispute, fetched, is_due).await;
            TaskEnd::Prepared(address, prepared)
        });
        None
    }

    pub(super) fn begin_judging(&mut self, address: Address, dispute: Dispute, case: Arc<Case>) {
        let followed = self.followed.entry(address).or_default();
        let is_early = followed.judge_at.is_some_and(|judge_at| Instant::now() < judge_at);
        if followed.is_judging || is_early {
            return;
        }

        self.worker.idle_work.give_way();
        followed.is_judging = true;
        let worker = Arc::clone(&self.worker);
        self.tasks.spawn(async move {
            TaskEnd::Judged(address, worker.judge_result(address, &dispute, &case).await)
        });
    }

    /// Records all tasks that have ended.
    pub(super) fn reap_tasks(&mut self) {
        while let Some(joined) = self.tasks.try_join_next() {
            match joined {
                Ok(end) => self.record_end(end),
                Err(error) => {
                    self.events.emit_problem(format!("a dispute's task crashed: {error}"));
                    // It is not known which one. What is done twice fails in its simulation.
                    self.followed.values_mut().for_each(Followed::forget_tasks);
                    self.elsewhere.forget_tasks();
                    self.is_checking = false;
                    self.is_enrolling = false;
                }
            }
        }
    }

    fn record_end(&mut self, end: TaskEnd) {
        match end {
            TaskEnd::Prepared(address, prepared) => {
                let phase_seconds = self.followed.get(&address).map_or(0, |it| it.phase_seconds);
                let preparation = prepared.unwrap_or_else(|error| {
                    tracing::info!(dispute = %address, "cannot judge: {error:#}");
                    self.elsewhere.give_up(&address);
                    Preparation::Failed(Instant::now() + retry_delay(phase_seconds))
                });
                if let Some(followed) = self.followed.get_mut(&address) {
                    followed.preparation = Some(preparation);
                }
            }
            TaskEnd::Judged(address, judged) => {
                if let Some(followed) = self.followed.get_mut(&address) {
                    followed.is_judging = false;
                    followed.judge_at = Some(Instant::now() + JUDGE_DELAY);
                }
                if let Err(error) = judged {
                    self.events.emit_problem(format!("cannot judge in {address}: {error:#}"));
                }
            }
            TaskEnd::Acted(address, acted) => {
                let act = self.followed.get_mut(&address).and_then(|dispute| dispute.acting.take());
                match acted {
                    // Until the account says otherwise, this node has the seat that it claimed.
                    Ok(()) if act == Some(Act::Seek) => drop(self.engaged.insert(address)),
                    Ok(()) => {}
                    Err(error) => {
                        self.events.emit_problem(format!("dispute {address}: {error:#}"));
                    }
                }
            }
            TaskEnd::Cranked(address, cranked) => {
                if let Some(followed) = self.followed.get_mut(&address) {
                    followed.is_cranking = false;
                }
                if let Err(error) = cranked {
                    self.events.emit_problem(format!("dispute {address}: {error:#}"));
                }
            }
            TaskEnd::Enrolled(enrolled) => {
                self.is_enrolling = false;
                match enrolled {
                    Ok(()) => self.is_start = false,
                    Err(error) => self.events.emit_problem(format!("disputes: {error:#}")),
                }
            }
            TaskEnd::Removed(removed) => {
                // The next search is in an hour, and others search as well.
                if let Err(error) = removed {
                    tracing::info!("cannot end enrolments of too small stakes: {error:#}");
                }
            }
            TaskEnd::Checked(address, attempt, checked) => {
                self.is_checking = false;
                match checked {
                    Ok(CheckEnd::Done) => {}
                    Ok(CheckEnd::Later) => self.sampler.retry_later(address, attempt),
                    Err(error) => {
                        tracing::info!(job = %address, "cannot check a result: {error:#}");
                    }
                }
            }
            TaskEnd::Looked(looked) => self.record_look(looked),
        }
    }
}

/// Returns the pause after a preparation that failed.
fn retry_delay(phase_seconds: u32) -> Duration {
    MAX_RETRY_DELAY.min(Duration::from_secs(phase_seconds.into()) / RETRY_DIVISOR)
}

/// Prepares the case of a dispute, unless this node is a party, from what was `fetched` before. If
/// the work on a device `is_due`, also rehearses it, unless this node has a seat already: then no
/// time is to be lost.
async fn prepare_dispute(
    worker: &Worker,
    dispute: &Dispute,
    fetched: Option<Box<Case>>,
    is_due: bool,
) -> Result<Preparation> {
    let never = CancelToken::default();
    let mut case = match fetched {
        Some(case) => case,
        None => {
            let (job, _) = read_parties(worker, dispute).await?;
            let origin = ModelOrigin::Anywhere;
            Box::new(worker.fetch_case(dispute.job, job, origin, never.clone()).await?)
        }
    };
    if !is_due {
        return Ok(Preparation::Fetched(case));
    }

    let has_seat = dispute.find_seat(&worker.node).is_some();
    let precedence = if has_seat { Precedence::First } else { Precedence::InOrder };
    worker.check_case(&case, precedence, never.clone()).await?;
    if !has_seat {
        // A seat is taken while the phase lasts, or not at all.
        let now = UnixTimestamp(worker.session.fetch_clock().await?.unix_timestamp);
        let left = UnixTimestamp(dispute.ends_at).seconds_since(now);
        let until = Instant::now() + Duration::from_secs(left.0);
        let rehearsal = worker.rehearse_case(&case, dispute, until.into_std(), &never).await?;
        let Some(rehearsal) = rehearsal else {
            tracing::info!(job = %dispute.job, "the work takes too long for a seat");
            return Ok(Preparation::Failed(until));
        };
        case.rehearsal = Some(rehearsal);
    }
    Ok(Preparation::Ready(Arc::from(case)))
}

/// Returns the disputed job and this node's account.
///
/// # Errors
/// If this node is a party, or was enrolled too late for a seat.
pub(super) async fn read_parties(worker: &Worker, dispute: &Dispute) -> Result<(Job, Node)> {
    let job = read_disputed_job(worker, dispute).await?;
    let node = worker.session.fetch_account::<Node>(&worker.node).await?;
    if is_party(&worker.node, &node, dispute, &job) {
        bail!("this node is a party");
    }
    let has_seat = dispute.find_seat(&worker.node).is_some();
    ensure!(
        has_seat || node.panel_since < job.submitted_at,
        "this node was not enrolled before the result was submitted"
    );
    Ok((job, node))
}

/// Returns the disputed job. Reads it again if its account is from before the result: an RPC server
/// may be behind.
async fn read_disputed_job(worker: &Worker, dispute: &Dispute) -> Result<Job> {
    for _ in 0..MAX_READS {
        let job = worker.session.find_account::<Job>(&dispute.job).await?;
        let job = job.context("the job is closed")?;
        if has_disputed_result(dispute, &job) {
            return Ok(job);
        }
        sleep(STEP_INTERVAL).await;
    }
    bail!("the job's account does not have the disputed result; the RPC server is behind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preparation_is_tried_again_within_a_phase() {
        let delay = |phase_seconds| retry_delay(phase_seconds).as_secs();
        assert_eq!([120, 400, 480, 86_400].map(delay), [15, 50, 60, 60]);
    }
}

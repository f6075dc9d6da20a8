//! Preparing the case of a dispute on tasks: fetching it, then trying the work on a device.

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
        turn::{has_disputed_result, is_party},
    },
    DisputeWatch, STEP_INTERVAL,
    followed::TaskEnd,
    preparation::{NextStep, Preparation, find_next, retry_delay},
};
use crate::{execute::Precedence, worker::Worker};

/// How often the account of a disputed job is read until it has the result.
const MAX_READS: u32 = 5;

impl DisputeWatch {
    /// Returns the case of a dispute in which this node can get a seat if it is ready; does what
    /// comes next for it otherwise. Fetches what it needs soon, and uses a device only if that
    /// `is_due` and one is free.
    pub(super) fn find_case(
        &mut self,
        address: Address,
        dispute: &Dispute,
        is_due: bool,
        now: UnixTimestamp,
    ) -> Option<Arc<Case>> {
        let may_fetch = self.may_fetch(address);
        let may_rehearse = is_due && self.has_free_device(address);
        // A seat is taken while the phase lasts, or not at all.
        let left = UnixTimestamp(dispute.ends_at).seconds_since(now);
        let until = Instant::now() + Duration::from_secs(left.0);
        self.advance_case(address, dispute, may_fetch, may_rehearse, Some(until))
    }

    /// The same for a dispute in which it has a seat: then no time is to be lost.
    pub(super) fn find_seat_case(
        &mut self,
        address: Address,
        dispute: &Dispute,
    ) -> Option<Arc<Case>> {
        self.advance_case(address, dispute, true, true, None)
    }

    fn advance_case(
        &mut self,
        address: Address,
        dispute: &Dispute,
        may_fetch: bool,
        may_rehearse: bool,
        until: Option<Instant>,
    ) -> Option<Arc<Case>> {
        let preparation = &self.followed.entry(address).or_default().preparation;
        if let Some(Preparation::Ready(case)) = preparation {
            return Some(Arc::clone(case));
        }

        match find_next(preparation.as_ref(), may_fetch, may_rehearse, Instant::now()) {
            NextStep::Fetch => self.begin_fetch(address, *dispute, until),
            NextStep::Rehearse => self.begin_rehearsal(address, *dispute, until),
            NextStep::Wait => {}
        }
        None
    }

    fn begin_fetch(&mut self, address: Address, dispute: Dispute, until: Option<Instant>) {
        if until.is_none() {
            self.worker.idle_work.give_way();
        }

        let fetching = Preparation::Fetching(Instant::now());
        self.followed.entry(address).or_default().preparation = Some(fetching);
        let worker = Arc::clone(&self.worker);
        self.tasks.spawn(async move {
            let fetched = fetch_dispute(&worker, &dispute, until).await;
            TaskEnd::Prepared(address, fetched.map(|case| Preparation::Fetched(Box::new(case))))
        });
    }

    fn begin_rehearsal(&mut self, address: Address, dispute: Dispute, until: Option<Instant>) {
        let preparation = &mut self.followed.entry(address).or_default().preparation;
        let Some(Preparation::Fetched(case)) = preparation.take() else { return };
        *preparation = Some(Preparation::Rehearsing);

        self.worker.idle_work.give_way();
        let worker = Arc::clone(&self.worker);
        self.tasks.spawn(async move {
            TaskEnd::Prepared(address, try_dispute(&worker, &dispute, case, until).await)
        });
    }

    /// Records how a preparation has ended.
    pub(super) fn record_preparation(&mut self, address: Address, ended: Result<Preparation>) {
        if let Err(error) = &ended {
            tracing::info!(dispute = %address, "cannot judge: {error:#}");
            self.elsewhere.give_up(&address);
        }

        let has_seat = self.engaged.contains(&address);
        let Some(followed) = self.followed.get_mut(&address) else { return };
        followed.preparation = Some(match ended {
            Ok(preparation) => {
                if matches!(preparation, Preparation::Ready(_)) {
                    followed.failures = 0;
                }
                preparation
            }
            Err(_) => {
                followed.failures = followed.failures.saturating_add(1);
                // Without a vote, a seat loses collateral.
                let failures = if has_seat { 1 } else { followed.failures };
                Preparation::Failed(Instant::now() + retry_delay(followed.phase_seconds, failures))
            }
        });
    }
}

/// Gets the definition and the models of a disputed job, unless this node is a party. Without a
/// seat, gives up `until` then.
async fn fetch_dispute(worker: &Worker, dispute: &Dispute, until: Option<Instant>) -> Result<Case> {
    let (job, _) = read_parties(worker, dispute).await?;
    worker.fetch_case(dispute.job, job, ModelOrigin::Anywhere, new_token(until)).await
}

/// Checks the inputs of a case. Also rehearses it `until` then, unless this node has a seat.
async fn try_dispute(
    worker: &Worker,
    dispute: &Dispute,
    mut case: Box<Case>,
    until: Option<Instant>,
) -> Result<Preparation> {
    let precedence = if until.is_none() { Precedence::First } else { Precedence::InOrder };
    worker.check_case(&case, precedence, new_token(until)).await?;

    if let Some(until) = until {
        let never = CancelToken::default();
        let rehearsal = worker.rehearse_case(&case, dispute, until.into_std(), &never).await?;
        let Some(rehearsal) = rehearsal else {
            tracing::info!(job = %dispute.job, "the work takes too long for a seat");
            return Ok(Preparation::Failed(until));
        };
        case.rehearsal = Some(rehearsal);
    }
    Ok(Preparation::Ready(Arc::from(case)))
}

/// Returns a token that is cancelled then, or never.
fn new_token(until: Option<Instant>) -> CancelToken {
    let never = CancelToken::default();
    until.map_or(never.clone(), |until| never.ending_at(until.into_std()))
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

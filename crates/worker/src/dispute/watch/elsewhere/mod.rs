//! Disputes of other markets. The weight of an enrolled node counts in the draws of all markets, so
//! a panelist also takes seats there, while it has nothing to do in its own.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`choice`] | the one dispute in which a seat is sought |
//! | [`lists`] | which disputes there are |
//! | [`rules`] | which disputes suit this node |

mod choice;
mod lists;
mod rules;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nosana_client::{
    jobs::accounts::{Dispute, Node},
    staking::accounts::Stake,
};
use nosana_protocol::units::{Amount, UnixTimestamp};
use nosana_sandbox::CancelToken;
use solana_address::Address;

pub(super) use self::choice::Elsewhere;
use self::rules::{kept_collateral, least_fee, passes_gates};
use super::{
    super::{
        case::{Case, ModelOrigin},
        panelist::has_collateral,
        turn::{Act, has_open_seat},
    },
    DisputeWatch,
    followed::{Followed, Sighting, TaskEnd},
    preparation::Preparation,
    prepare::read_parties,
};
use crate::{execute::Precedence, worker::Worker};

/// Longest time to get the definition of a dispute and to open its models.
const FETCH_TIME: Duration = Duration::from_secs(60);

impl DisputeWatch {
    /// Looks for the seats that this node has in other markets; once they are known, for a dispute
    /// there in which it can get one, while it has no job. Ends what it prepares there when it
    /// leaves.
    pub(super) fn look_elsewhere(&mut self, is_leaving: bool) {
        let worker = Arc::clone(&self.worker);
        if is_leaving {
            worker.idle_work.give_way();
        }
        let followed = &self.followed;
        self.elsewhere.end_unfollowed(|address| followed.contains_key(address));

        let seats = self.followed.values().filter(|followed| followed.has_seat_elsewhere).count();
        let seeks = worker.config.verification.panel
            && worker.market.terms.dispute_seconds > 0
            && !is_leaving
            && worker.idle_work.is_idle();

        let Some(look) = self.elsewhere.begin_look(seeks, seats) else { return };
        self.tasks.spawn(async move { TaskEnd::Looked(worker.list_elsewhere(look).await) });
    }

    /// Follows what was found in other markets.
    pub(super) fn record_look(&mut self, looked: Result<Sighting>) {
        match &looked {
            Ok(_) => {}
            Err(error) if self.elsewhere.knows_seats() => {
                tracing::info!("cannot list the disputes of other markets: {error:#}");
            }
            Err(error) => {
                let problem = format!("cannot list its seats in other markets: {error:#}");
                self.events.emit_problem(problem);
            }
        }

        let has_seat = matches!(looked, Ok(Sighting::Seats(_)));
        for address in self.elsewhere.end_look(looked.ok()) {
            let followed = self.followed.entry(address).or_default();
            followed.is_elsewhere = true;
            followed.has_seat_elsewhere |= has_seat;
        }
    }

    /// Prepares the case of the dispute in which a seat is sought once it is time to try the work,
    /// and takes the seat once this node's turn has come.
    pub(super) async fn seek_elsewhere(
        &mut self,
        address: Address,
        dispute: Dispute,
        now: UnixTimestamp,
    ) -> Result<()> {
        let may_seek = self.elsewhere.is_sought(&address) && self.worker.idle_work.is_idle();
        if !may_seek || self.is_acting(&address) || !self.has_free_device(address) {
            return Ok(());
        }
        let Some(node) = self.worker.find_candidacy_elsewhere(&dispute, now).await? else {
            self.elsewhere.give_up(&address);
            self.worker.idle_work.give_way();
            return Ok(());
        };
        if !self.worker.may_rehearse(&dispute, &node, now) {
            return Ok(());
        }
        let Some(case) = self.find_case_elsewhere(address, &dispute) else { return Ok(()) };
        if !self.worker.may_claim(&dispute, &case, &node, now) {
            return Ok(());
        }

        // A job of this market may have begun meanwhile.
        if !self.worker.kept_devices.claim_device(address) {
            return Ok(());
        }
        // Whether it lands or not: what the program has refused is not simulated again and again.
        self.elsewhere.note_claim(address);
        self.begin_claim(address, dispute);
        Ok(())
    }

    fn find_case_elsewhere(&mut self, address: Address, dispute: &Dispute) -> Option<Arc<Case>> {
        let followed = self.followed.entry(address).or_default();
        match &followed.preparation {
            Some(Preparation::Ready(case)) => return Some(Arc::clone(case)),
            Some(
                Preparation::Fetching(_)
                | Preparation::Fetched(_)
                | Preparation::Rehearsing
                | Preparation::Failed(_),
            ) => return None,
            None => {}
        }

        let cancel = self.worker.idle_work.begin_rehearsal()?;
        followed.preparation = Some(Preparation::Rehearsing);
        let worker = Arc::clone(&self.worker);
        let dispute = *dispute;
        self.tasks.spawn(async move {
            let prepared = prepare_elsewhere(&worker, &dispute, &cancel).await;
            TaskEnd::Prepared(address, prepared.map(|case| Preparation::Ready(Arc::new(case))))
        });
        None
    }

    /// Stops following a dispute of another market in which this node has and seeks nothing.
    /// Returns whether it did.
    pub(super) fn leave_elsewhere(
        &mut self,
        address: Address,
        dispute: &Dispute,
        act: Option<Act>,
    ) -> bool {
        let has_seat = has_open_seat(dispute, &self.worker.node);
        if has_seat || act != Some(Act::Seek) {
            self.elsewhere.end_search(&address);
        }

        let has_part = has_seat || self.worker.ballots.find(&address).is_some();
        let is_busy = self.followed.get(&address).is_some_and(Followed::is_busy);
        if has_part || is_busy || self.elsewhere.has_chosen(&address) {
            return false;
        }
        self.followed.remove(&address);
        self.engaged.remove(&address);
        true
    }
}

impl Worker {
    /// Says from which panel fee on this node takes seats in other markets: with a high lowest
    /// price, it takes none.
    pub(super) fn announce_least_fee(&self) {
        let least = Amount(least_fee(self.accepted_terms.min_price_per_second));
        tracing::info!(
            fee = %least,
            "takes seats in other markets for this panel fee or more, a quarter of `--min-price`"
        );
    }

    /// Returns this node's account if it can get a seat and has the collateral beside what it keeps
    /// for its own market.
    async fn find_candidacy_elsewhere(
        &self,
        dispute: &Dispute,
        now: UnixTimestamp,
    ) -> Result<Option<Node>> {
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        if !self.can_be_seated(dispute, node.panel_weight) {
            return Ok(None);
        }

        let stake = self.session.find_account::<Stake>(&node.stake).await?;
        let kept = kept_collateral(&node, now, self.market.terms.collateral_per_job);
        let needed = dispute.collateral.saturating_add(kept);
        Ok(has_collateral(&node, stake.as_ref(), needed).then_some(node))
    }
}

/// Prepares and rehearses the case of a dispute of another market, if this node passes the job's
/// gates and has its models: strangers must not choose what it downloads. When the time that the
/// fee pays is over, at the end of the phase, and when it is cancelled, the work on a device ends
/// with the text or the tokens that it then reads, or with the model that it then loads.
async fn prepare_elsewhere(
    worker: &Worker,
    dispute: &Dispute,
    cancel: &CancelToken,
) -> Result<Case> {
    let (job, node) = read_parties(worker, dispute).await?;
    let stake = worker.session.fetch_account::<Stake>(&node.stake).await?;
    let now = UnixTimestamp(worker.session.fetch_clock().await?.unix_timestamp);
    ensure!(passes_gates(&node, &stake, &job, now), "this node does not pass the gates of the job");
    let trial = worker.find_trial_time(dispute);
    let trial = trial.context("the fee does not pay a second of work")?;

    let left = UnixTimestamp(dispute.ends_at).seconds_since(now);
    let end = Instant::now() + Duration::from_secs(left.0);
    let limited = cancel.ending_at(end.min(Instant::now() + FETCH_TIME));
    let mut case = worker.fetch_case(dispute.job, job, ModelOrigin::Cache, limited).await?;

    let until = end.min(Instant::now() + trial);
    worker.check_case(&case, Precedence::InOrder, cancel.ending_at(until)).await?;
    let rehearsal = worker.rehearse_case(&case, dispute, until, cancel).await?;
    case.rehearsal = Some(rehearsal.context("the work takes too long for a seat")?);
    Ok(case)
}

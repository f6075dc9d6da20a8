//! What is due in one dispute. Each transaction is sent on a task of its own: one that does not land
//! must not delay a vote.

use std::sync::Arc;

use anyhow::Result;
use nosana_client::jobs::accounts::Dispute;
use nosana_protocol::{dispute::phase::Phase, units::UnixTimestamp};
use solana_address::Address;
use tokio::time::Instant;

use super::{
    super::{
        ballot::Ballot,
        time_limit::{SEND_TIME, limit_time},
        turn::{Act, find_act, has_open_seat, is_engaged, needs_case},
    },
    DisputeWatch,
    followed::TaskEnd,
    preparation::Preparation,
    step::Step,
};
use crate::crank::CRANK_INTERVAL;

/// How often in a row a dispute's account has to be missing before it is forgotten: an RPC server
/// may be behind.
const MAX_MISSING: u32 = 30;

impl DisputeWatch {
    /// Does what this node has to do in a dispute, and what anyone may do.
    pub(super) async fn advance_dispute(
        &mut self,
        address: Address,
        dispute: Dispute,
        step: &Step,
    ) -> Result<()> {
        let worker = Arc::clone(&self.worker);
        let now = step.now;
        self.note_account(address, &dispute, now);
        if dispute.phase == Phase::Resolved as u8 {
            worker.ballots.remove(&address)?;
        }

        let ballot = worker.ballots.find(&address);
        let act = find_act(&dispute, &worker.node, ballot.is_some(), now).unwrap_or(None);
        let takes_seats = worker.config.verification.panel && !step.is_leaving;
        let is_here = dispute.market == worker.config.market;
        match (act, ballot) {
            (Some(Act::Seek), _) if takes_seats && !is_here => {
                self.seek_elsewhere(address, dispute, now).await?;
            }
            (Some(Act::Seek), _) if takes_seats => {
                self.seek_seat(address, dispute, step).await?;
            }
            (Some(Act::Judge), _) => {
                if let Some(case) = self.find_seat_case(address, &dispute) {
                    self.begin_judging(address, dispute, case);
                }
            }
            (Some(act @ (Act::Commit | Act::Reveal)), Some(ballot)) => {
                self.begin_voting(address, dispute, act, ballot);
            }
            (Some(Act::Seek | Act::Commit | Act::Reveal) | None, _) => {}
        }

        if !is_here && self.leave_elsewhere(address, &dispute, act) {
            return Ok(());
        }
        // In other markets their nodes move disputes on, unless this one's collateral is at stake.
        if is_here || has_open_seat(&dispute, &worker.node) {
            self.begin_crank(address, dispute, now);
        }
        Ok(())
    }

    /// Notes that a dispute's account is missing. Forgets it in the end.
    pub(super) fn note_missing(&mut self, address: Address) -> Result<()> {
        let Some(followed) = self.followed.get_mut(&address) else { return Ok(()) };
        followed.missing += 1;
        if followed.missing >= MAX_MISSING && !followed.is_busy() {
            self.followed.remove(&address);
            self.engaged.remove(&address);
            self.elsewhere.end_search(&address);
            self.worker.ballots.remove(&address)?;
        }
        Ok(())
    }

    fn note_account(&mut self, address: Address, dispute: &Dispute, now: UnixTimestamp) {
        match is_engaged(dispute, &self.worker.node, now) {
            Ok(true) => self.engaged.insert(address),
            Ok(false) | Err(_) => self.engaged.remove(&address),
        };
        self.worker.seated_disputes.note_dispute(address, dispute, &self.worker.node, now);

        let followed = self.followed.entry(address).or_default();
        followed.missing = 0;
        followed.wants_device = false;
        followed.phase_seconds = dispute.phase_seconds;
        followed.is_elsewhere = dispute.market != self.worker.config.market;
        followed.has_seat_elsewhere =
            followed.is_elsewhere && has_open_seat(dispute, &self.worker.node);
        // A case keeps its model on this machine, and this node from seats in other markets.
        let needs_case = needs_case(dispute, &self.worker.node, now).unwrap_or(false);
        let has_case =
            matches!(followed.preparation, Some(Preparation::Fetched(_) | Preparation::Ready(_)));
        if !needs_case && has_case {
            followed.preparation = None;
        }
    }

    /// Prepares the case of a dispute in which this node can get a seat, tries the work once it is
    /// time for that, and takes the seat once its turn has come.
    async fn seek_seat(&mut self, address: Address, dispute: Dispute, step: &Step) -> Result<()> {
        let Some(own) = &step.own else { return Ok(()) };
        if self.is_acting(&address) || !own.allow_seat(&self.worker, &dispute) {
            return Ok(());
        }
        let is_due = self.worker.may_rehearse(&dispute, &own.node, step.now);
        let Some(case) = self.find_case(address, &dispute, is_due, step.now) else {
            return Ok(());
        };
        let may_claim = self.worker.may_claim(&dispute, &case, &own.node, step.now);
        if !may_claim || !self.has_free_device(address) {
            return Ok(());
        }

        // A job that runs may outlast the time for a judgment: the claim waits for its end, and no
        // other job begins meanwhile.
        if !self.worker.kept_devices.claim_device(address) {
            self.followed.entry(address).or_default().wants_device = true;
            return Ok(());
        }
        // Other claims may have used the collateral since its accounts were read.
        let candidacy = self.worker.find_candidacy(&dispute).await;
        if matches!(candidacy, Ok(Some(_))) {
            self.begin_claim(address, dispute);
        } else {
            self.worker.kept_devices.release_device(&address);
        }
        candidacy.map(drop)
    }

    pub(super) fn begin_claim(&mut self, address: Address, dispute: Dispute) {
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        self.followed.entry(address).or_default().acting = Some(Act::Seek);
        self.tasks.spawn(async move {
            let claimed = worker.claim_seat(address, &dispute, &events).await;
            TaskEnd::Acted(address, Act::Seek, claimed)
        });
    }

    fn begin_voting(&mut self, address: Address, dispute: Dispute, act: Act, ballot: Ballot) {
        if !self.followed.entry(address).or_default().begin_vote(act) {
            return;
        }

        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        self.tasks.spawn(async move {
            let voting = async {
                match act {
                    Act::Commit => worker.commit_vote(address, &dispute, &ballot, &events).await,
                    Act::Reveal => worker.reveal_vote(address, &dispute, &ballot, &events).await,
                    Act::Seek | Act::Judge => Ok(()),
                }
            };
            let voted = limit_time(SEND_TIME, "sending a vote", voting).await;
            TaskEnd::Acted(address, act, voted)
        });
    }

    fn begin_crank(&mut self, address: Address, dispute: Dispute, now: UnixTimestamp) {
        let followed = self.followed.entry(address).or_default();
        let is_early = followed.crank_at.is_some_and(|crank_at| Instant::now() < crank_at);
        if followed.is_cranking
            || is_early
            || dispute.find_steps(now).is_ok_and(|due| due.is_empty())
        {
            return;
        }

        followed.is_cranking = true;
        // A seat that cannot be paid stays open for a month.
        let is_resolved = dispute.phase == Phase::Resolved as u8;
        followed.crank_at = is_resolved.then(|| Instant::now() + CRANK_INTERVAL);
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        self.tasks.spawn(async move {
            let cranked = worker.crank_dispute(address, &dispute, now, &events).await;
            TaskEnd::Cranked(address, cranked)
        });
    }

    pub(super) fn is_acting(&self, address: &Address) -> bool {
        self.followed.get(address).is_some_and(|followed| followed.acting.is_some())
    }
}

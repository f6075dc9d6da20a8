//! What this node knows of each dispute, what its tasks have done, and judging.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use nosana_client::jobs::accounts::{Dispute, Job};
use solana_address::Address;
use tokio::time::Instant;

use super::{
    super::{case::Case, fisherman::CheckEnd, turn::Act},
    DisputeWatch,
    preparation::Preparation,
};

/// The pause after a judgment that failed.
const JUDGE_DELAY: Duration = Duration::from_secs(10);

/// A dispute that is followed.
#[derive(Default)]
pub(super) struct Followed {
    pub preparation: Option<Preparation>,
    /// How often in a row its preparation has failed.
    pub failures: u32,
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
    /// Whether an event has announced it, and no list has ended since.
    pub is_announced: bool,
    /// Whether it is a dispute of another market, which gets what those of this one leave.
    pub is_elsewhere: bool,
    /// Whether it is one, and this node has a seat whose collateral is in use.
    pub has_seat_elsewhere: bool,
}

impl Followed {
    /// Whether its case is prepared at the moment.
    pub fn is_preparing(&self) -> bool {
        self.preparation.as_ref().is_some_and(Preparation::is_running)
    }

    /// Notes that a task begins to commit or to reveal. Returns whether it may: no other one does
    /// so. The task of a claim may still wait for its RPC server, and must not delay a vote: by the
    /// account, this node has the seat.
    pub fn begin_vote(&mut self, act: Act) -> bool {
        let is_voting = self.acting.is_some_and(|acting| acting != Act::Seek);
        if !is_voting {
            self.acting = Some(act);
        }
        !is_voting
    }

    /// Notes that a task has ended, whose place one of a vote may have taken. Returns whether it
    /// was a claim in its place.
    fn end_act(&mut self, act: Act) -> bool {
        let is_current = self.acting == Some(act);
        if is_current {
            self.acting = None;
        }
        is_current && act == Act::Seek
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
    Acted(Address, Act, Result<()>),
    Cranked(Address, Result<()>),
    /// Disputes of this market are listed.
    Listed(Result<Vec<(Address, Dispute)>>),
    Enrolled(Result<()>),
    Removed(Result<()>),
    /// Results of other nodes are listed.
    Searched(Result<Vec<(Address, Job)>>),
    /// A result of another node, and its attempt.
    Checked(Address, u64, Result<CheckEnd>),
    /// Disputes of other markets are listed.
    Looked(Result<Sighting>),
}

impl DisputeWatch {
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
                    self.is_listing = false;
                    self.is_checking = false;
                    self.is_enrolling = false;
                }
            }
        }
    }

    fn record_end(&mut self, end: TaskEnd) {
        match end {
            TaskEnd::Prepared(address, ended) => self.record_preparation(address, ended),
            TaskEnd::Judged(address, judged) => {
                if let Some(followed) = self.followed.get_mut(&address) {
                    followed.is_judging = false;
                    followed.judge_at = Some(Instant::now() + JUDGE_DELAY);
                }
                if let Err(error) = judged {
                    self.events.emit_problem(format!("cannot judge in {address}: {error:#}"));
                }
            }
            TaskEnd::Acted(address, act, acted) => {
                let followed = self.followed.get_mut(&address);
                let has_claimed = followed.is_some_and(|followed| followed.end_act(act));
                match acted {
                    // Until the account says otherwise, this node has the seat that it claimed.
                    Ok(()) if has_claimed => drop(self.engaged.insert(address)),
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
            TaskEnd::Listed(listed) => self.record_list(listed),
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
            TaskEnd::Searched(found) => self.record_search(found),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_whose_server_hangs_delays_no_vote() {
        let mut followed = Followed { acting: Some(Act::Seek), ..Followed::default() };
        assert!(followed.begin_vote(Act::Commit));
        assert!(!followed.end_act(Act::Seek), "the account says what became of the claim");
        assert_eq!(followed.acting, Some(Act::Commit), "it is still sent");
        assert!(!followed.begin_vote(Act::Commit), "once at a time");

        assert!(!followed.end_act(Act::Commit));
        assert!(followed.begin_vote(Act::Reveal));
    }

    #[test]
    fn a_claim_that_ends_before_any_vote_has_a_seat() {
        let mut followed = Followed { acting: Some(Act::Seek), ..Followed::default() };
        assert!(followed.end_act(Act::Seek));
        assert_eq!(followed.acting, None);
    }
}

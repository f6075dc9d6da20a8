//! The events of the jobs program, as the trial receives them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use nosana_client::{
    Event,
    jobs::{
        self,
        events::{DisputeResolved, Event as JobsEvent, SeatClosed},
    },
};
use nosana_localnet::World;
use nosana_protocol::dispute::sketch::Sketch;
use serde::Serialize;
use solana_address::Address;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::poll::{POLL_INTERVAL, require_time};
use crate::wait::Stopwatch;

/// An event, with the milliseconds of the trial's clock at which it was received.
type TimedEvent = (u64, JobsEvent);

/// Receives the program's events, until it is dropped.
pub struct Recorder {
    events: Arc<Mutex<Vec<TimedEvent>>>,
    task: JoinHandle<()>,
}

impl Recorder {
    /// Subscribes to the program's transactions.
    pub fn start(world: &World, watch: Stopwatch) -> Self {
        let events: Arc<Mutex<Vec<TimedEvent>>> = Arc::default();
        let kept = Arc::clone(&events);
        let mut transactions = world.session.subscribe_logs(jobs::ID);

        let task = tokio::spawn(async move {
            while let Some(transaction) = transactions.next().await {
                let received = watch.elapsed_ms();
                let of_jobs = transaction.events.into_iter().filter_map(|event| match event {
                    Event::Jobs(event) => Some((received, event)),
                    Event::Staking(_) | Event::Rewards(_) => None,
                });
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend(of_jobs);
            }
        });
        Self { events, task }
    }

    /// Waits until it has received the end of a dispute.
    pub async fn await_closed(&self, dispute: Address, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        while self.read_case(Address::default(), dispute).times.closed == 0 {
            require_time(deadline, patience, "the end of a dispute was not received")?;
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    /// Returns what was received about a job and its dispute.
    pub fn read_case(&self, job: Address, dispute: Address) -> CaseRecord {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut record = CaseRecord::default();
        for (at_ms, event) in events.iter() {
            record.add_event(*at_ms, event, &job, &dispute);
        }
        record
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// When things happened, in milliseconds of the trial's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaseTimes {
    /// The node has started the job.
    pub started: u64,
    /// The node has submitted the result.
    pub submitted: u64,
    /// The result is disputed.
    pub challenged: u64,
    /// The panel is drawn.
    pub drawn: u64,
    /// The last panelist has committed.
    pub committed: u64,
    /// The node has opened its trace.
    pub opened: u64,
    /// The last panelist has revealed its vote.
    pub revealed: u64,
    /// The dispute is closed.
    pub closed: u64,
}

/// What a panelist has revealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevealedVote {
    /// The panelist's node.
    pub node: Address,
    /// A number of [`nosana_protocol::dispute::votes::Verdict`].
    pub verdict: u64,
    /// The sketch of its work.
    pub sketch: Sketch,
}

/// What the chain says about one job and its dispute.
#[derive(Clone, Debug, Default)]
pub struct CaseRecord {
    /// When things happened.
    pub times: CaseTimes,
    /// Base units that the client deposited.
    pub escrow: u64,
    /// Who disputed the result.
    pub challenger: Address,
    /// Base units that the challenger deposited.
    pub bond: u64,
    /// Base units of a panelist's fee.
    pub panel_fee: u64,
    /// What the node has opened.
    pub trace: Option<Sketch>,
    /// The votes.
    pub votes: Vec<RevealedVote>,
    /// The end of the dispute.
    pub resolved: Option<DisputeResolved>,
    /// What became of each panelist.
    pub seats: Vec<SeatClosed>,
}

impl CaseRecord {
    /// Adds an event if it is about this job or this dispute.
    fn add_event(&mut self, at_ms: u64, event: &JobsEvent, job: &Address, dispute: &Address) {
        let times = &mut self.times;
        match event {
            JobsEvent::JobListed(listed) if listed.job == *job => self.escrow = listed.escrow,
            JobsEvent::JobStarted(started) if started.job == *job => times.started = at_ms,
            JobsEvent::JobSubmitted(submitted) if submitted.job == *job => {
                times.submitted = at_ms;
            }
            JobsEvent::ResultChallenged(challenged) if challenged.dispute == *dispute => {
                times.challenged = at_ms;
                self.challenger = challenged.challenger;
                self.bond = challenged.bond;
                self.panel_fee = challenged.panel_fee;
            }
            JobsEvent::PanelDrawn(drawn) if drawn.dispute == *dispute => times.drawn = at_ms,
            JobsEvent::SketchCommitted(committed) if committed.dispute == *dispute => {
                times.committed = at_ms;
            }
            JobsEvent::TraceOpened(opened) if opened.dispute == *dispute => {
                times.opened = at_ms;
                self.trace = Some(Sketch(opened.trace));
            }
            JobsEvent::VoteRevealed(vote) if vote.dispute == *dispute => {
                times.revealed = at_ms;
                let (node, verdict) = (vote.node, vote.verdict);
                self.votes.push(RevealedVote { node, verdict, sketch: Sketch(vote.sketch) });
            }
            JobsEvent::DisputeResolved(resolved) if resolved.dispute == *dispute => {
                self.resolved = Some(*resolved);
            }
            JobsEvent::SeatClosed(seat) if seat.dispute == *dispute => self.seats.push(*seat),
            JobsEvent::DisputeClosed(closed) if closed.dispute == *dispute => {
                times.closed = at_ms;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::jobs::events::VoteRevealed;

    use super::*;

    #[test]
    fn events_of_other_disputes_are_left_out() {
        let [job, dispute, other, node] = [1, 2, 3, 4].map(|byte| Address::from([byte; 32]));
        let vote = |dispute| {
            JobsEvent::VoteRevealed(VoteRevealed { dispute, node, sketch: [7; 32], verdict: 2 })
        };
        let mut record = CaseRecord::default();
        record.add_event(5, &vote(other), &job, &dispute);
        assert!(record.votes.is_empty());
        record.add_event(9, &vote(dispute), &job, &dispute);
        let expected = RevealedVote { node, verdict: 2, sketch: Sketch([7; 32]) };
        assert_eq!((record.votes, record.times.revealed), (vec![expected], 9));
    }
}

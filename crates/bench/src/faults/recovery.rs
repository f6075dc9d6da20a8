//! The time from a restart until the chain shows that the node works again.

use nosana_client::jobs::events::Event as JobsEvent;
use nosana_protocol::job::Reason;
use serde::{Deserialize, Serialize};
use solana_address::Address;

use super::{events::ReceivedEvent, keeper::NodeLife};

/// Slots after the end of a process in which transactions that it has sent may still be received.
const LATE_SLOTS: u64 = 5;

/// The times from a restart to the first job that the node took, started or finished after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryTimes {
    /// How often the node was started again.
    pub restarts: usize,
    /// The milliseconds after each restart, sorted. Restarts are left out after which the node was
    /// killed too soon, or had no job.
    pub times_ms: Vec<u64>,
}

impl RecoveryTimes {
    /// Measures the times by the events of `node`.
    pub fn measure(
        lives: &[NodeLife],
        events: &[ReceivedEvent],
        node: &Address,
        slot_ms: u64,
    ) -> Self {
        let lateness = slot_ms.saturating_mul(LATE_SLOTS);
        let restarted = lives.get(1..).unwrap_or_default();
        let first_work = |life: &NodeLife| {
            let from = life.started_ms.saturating_add(lateness);
            let until = life.ended_ms.saturating_add(lateness);
            let mut works = events.iter().filter(|event| shows_work(&event.event, node));
            let first = works.find(|event| (from..until).contains(&event.at_ms))?;
            Some(first.at_ms - life.started_ms)
        };

        let mut times_ms: Vec<u64> = restarted.iter().filter_map(first_work).collect();
        times_ms.sort_unstable();
        Self { restarts: restarted.len(), times_ms }
    }

    /// Returns the time that so many percent of the times do not exceed; `None` without times.
    pub fn percentile(&self, percent: usize) -> Option<u64> {
        let rank = (self.times_ms.len() * percent).div_ceil(100);
        self.times_ms.get(rank.saturating_sub(1)).copied()
    }
}

/// Whether the event shows that the node took, started or finished a job.
fn shows_work(event: &JobsEvent, node: &Address) -> bool {
    match event {
        JobsEvent::WorkOffered(offered) => {
            offered.node == *node && offered.job != Address::default()
        }
        JobsEvent::JobStarted(started) => started.node == *node,
        JobsEvent::JobSubmitted(submitted) => submitted.node == *node,
        JobsEvent::JobSettled(settled) => {
            settled.node == *node && settled.reason == Reason::Completed as u64
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::jobs::events::JobStarted;

    use super::*;
    use crate::faults::keeper::LifeEnd;

    fn started(at_ms: u64, node: Address) -> ReceivedEvent {
        let job = Address::new_from_array([9; 32]);
        let event = JobStarted { job, node, started_at: 1, deadline: 2 };
        ReceivedEvent { at_ms, event: JobsEvent::JobStarted(event) }
    }

    #[test]
    fn the_first_work_after_each_restart_counts() {
        let [node, other] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let life = |started_ms, ended_ms| NodeLife { started_ms, ended_ms, end: LifeEnd::Killed };
        let lives = [life(0, 1_000), life(1_000, 5_000), life(5_000, 5_100), life(5_100, 9_000)];
        let events = [
            started(500, node),
            // Sent by the first process.
            started(1_300, node),
            started(2_000, other),
            started(3_000, node),
            started(4_000, node),
            started(8_000, node),
        ];
        let times = RecoveryTimes::measure(&lives, &events, &node, 100);
        assert_eq!(times, RecoveryTimes { restarts: 3, times_ms: vec![2_000, 2_900] });
    }

    #[test]
    fn percentiles_are_measured_times() {
        let times = RecoveryTimes { restarts: 4, times_ms: vec![1, 2, 3, 9] };
        assert_eq!([50, 95, 100].map(|percent| times.percentile(percent)), [2, 9, 9].map(Some));
        assert_eq!(RecoveryTimes::default().percentile(50), None);
    }
}

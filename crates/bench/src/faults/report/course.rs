//! The course of a trial: the stages of each job over time, and the kills.

use nosana_client::jobs::events::Event as JobsEvent;
use solana_address::Address;

use crate::{
    faults::{
        events::ReceivedEvent,
        facts::JobFacts,
        keeper::{LifeEnd, NodeLife},
    },
    html::timeline::{self, Lane, LaneStage, Mark},
};

/// The stages of a job, in order: waiting in the queue, given to a node that waited, taken from the
/// queue, running, with a result that is not paid yet.
const STAGES: [&str; 5] = ["queued", "matched", "starting", "running", "settling"];

/// The stages of each job, and the kills.
#[derive(Clone, Debug, Default)]
pub struct Course {
    lanes: Vec<Lane>,
    marks: Vec<Mark>,
}

/// What an event changes for a job.
enum StageChange {
    /// A stage begins.
    Begin(&'static str),
    /// The job has ended.
    End,
}

impl Course {
    /// Orders the events by job. `begun_ms` is the time of the trial's clock that is drawn as zero.
    pub fn trace(
        jobs: &[JobFacts],
        lives: &[NodeLife],
        events: &[ReceivedEvent],
        begun_ms: u64,
    ) -> Self {
        let end_ms = events.iter().map(|received| received.at_ms).max().unwrap_or(begun_ms);
        let lane = |job: &JobFacts| Lane {
            name: format!("job {}", job.posted.number),
            note: job.end().name(),
            stages: list_stages(&job.address(), events, begun_ms, end_ms),
        };
        let kills = lives.iter().filter(|life| life.end == LifeEnd::Killed);
        let mark = |(number, kill): (usize, &NodeLife)| Mark {
            at_ms: kill.ended_ms.saturating_sub(begun_ms),
            label: number.to_string(),
        };

        Self { lanes: jobs.iter().map(lane).collect(), marks: (1..).zip(kills).map(mark).collect() }
    }

    /// Renders the legend and the drawing.
    pub fn render_svg(&self) -> String {
        let legend = timeline::render_legend(&self.lanes, &STAGES);
        legend + &timeline::render_lanes("Jobs over time, and kills", &self.lanes, &self.marks)
    }
}

/// Lists the stages of a job, in milliseconds since `begun_ms`. The last stage of a job that has
/// not ended lasts until `end_ms`.
fn list_stages(
    job: &Address,
    events: &[ReceivedEvent],
    begun_ms: u64,
    end_ms: u64,
) -> Vec<LaneStage> {
    let mut stages = Vec::new();
    let mut current = None;
    let mut end_stage = |current: Option<(&'static str, u64)>, until_ms: u64| {
        if let Some((name, since_ms)) = current {
            let from_ms = since_ms.saturating_sub(begun_ms);
            stages.push(LaneStage { name, from_ms, to_ms: until_ms.saturating_sub(begun_ms) });
        }
    };

    for ReceivedEvent { at_ms, event } in events {
        let Some(change) = find_change(job, event) else { continue };
        end_stage(current, *at_ms);
        current = match change {
            StageChange::Begin(name) => Some((name, *at_ms)),
            StageChange::End => None,
        };
    }
    end_stage(current, end_ms);
    stages
}

/// Returns what an event changes for this job.
fn find_change(job: &Address, event: &JobsEvent) -> Option<StageChange> {
    let placed = |node: &Address| {
        StageChange::Begin(if *node == Address::default() { "queued" } else { "matched" })
    };

    match event {
        JobsEvent::JobListed(listed) if listed.job == *job => Some(placed(&listed.node)),
        JobsEvent::JobRequeued(returned) if returned.job == *job => Some(placed(&returned.node)),
        JobsEvent::WorkOffered(offered) if offered.job == *job => {
            Some(StageChange::Begin("starting"))
        }
        JobsEvent::JobStarted(started) if started.job == *job => {
            Some(StageChange::Begin("running"))
        }
        JobsEvent::JobSubmitted(submitted) if submitted.job == *job => {
            Some(StageChange::Begin("settling"))
        }
        JobsEvent::JobSettled(settled) if settled.job == *job => Some(StageChange::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use nosana_client::jobs::events::{JobRequeued, JobSettled, JobStarted, WorkOffered};

    use super::*;

    const JOB: Address = Address::new_from_array([7; 32]);
    const NODE: Address = Address::new_from_array([8; 32]);

    #[test]
    fn stages_follow_each_other_without_gaps() {
        let market = Address::default();
        let offered =
            WorkOffered { node: NODE, market, job: JOB, min_price_per_second: 1, cell: 0 };
        let started = JobStarted { job: JOB, node: NODE, started_at: 1, deadline: 2 };
        let returned =
            JobRequeued { job: JOB, node: Address::default(), attempts: 1, cause: 9, cell: 0 };
        let settled = JobSettled {
            job: JOB,
            node: NODE,
            result: [0; 32],
            reason: 2,
            node_amount: 0,
            payer_amount: 1,
            network_amount: 0,
            paid_seconds: 0,
            settled_at: 3,
        };
        let events = [
            (1_000, JobsEvent::WorkOffered(offered)),
            (1_500, JobsEvent::JobStarted(started)),
            (4_000, JobsEvent::JobRequeued(returned)),
            (6_000, JobsEvent::JobSettled(settled)),
        ];
        let events = events.map(|(at_ms, event)| ReceivedEvent { at_ms, event });

        let stages = list_stages(&JOB, &events, 500, 9_000);
        let names: Vec<_> = stages.iter().map(|stage| (stage.name, stage.to_ms)).collect();
        assert_eq!(names, [("starting", 1_000), ("running", 3_500), ("queued", 5_500)]);
        assert!(stages.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
        assert_eq!(list_stages(&JOB, &events[..1], 500, 9_000)[0].to_ms, 8_500, "it never ended");
        assert!(list_stages(&NODE, &events, 500, 9_000).is_empty());
    }
}

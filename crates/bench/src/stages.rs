//! The time that each job spent in each stage, by the harness' clock.
//!
//! Several tasks record the timestamps. They receive the same blocks over different connections, so
//! timestamps may be a few milliseconds out of order. A stage begins when the one before it ended,
//! and does not end before it begins.

use serde::{Deserialize, Serialize};

/// How a job and its node were matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The job waited; the node took it from the queue.
    Queued,
    /// The node waited; the job was matched with it when it was listed.
    Matched,
}

impl Direction {
    /// The direction's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Matched => "matched",
        }
    }
}

/// A stage in a job's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// The client's transaction is being confirmed.
    Listing,
    /// The job waits for a free node.
    Queued,
    /// The job was matched with a node, which has not noticed it yet.
    Matched,
    /// The node has the job, and its `start` is being confirmed; inference has begun.
    Starting,
    /// The job is started, and the GPU has not finished.
    Running,
    /// The result is being submitted and paid.
    Settling,
}

impl StageKind {
    /// All stages, in order.
    pub const ALL: [Self; 6] =
        [Self::Listing, Self::Queued, Self::Matched, Self::Starting, Self::Running, Self::Settling];

    /// The stage's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Queued => "queued",
            Self::Matched => "matched",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Settling => "settling",
        }
    }
}

/// One stage of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The kind of stage.
    pub kind: StageKind,
    /// Start, in milliseconds since the first job was sent.
    pub from_ms: u64,
    /// End, in milliseconds since the first job was sent.
    pub to_ms: u64,
}

impl Stage {
    /// The stage's duration in milliseconds.
    pub const fn duration_ms(&self) -> u64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

/// The timestamps of a job, in milliseconds of the harness' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Marks {
    /// The client sends its transaction.
    pub sent: u64,
    /// The client receives the confirmation that the job is listed.
    pub listed: u64,
    /// The node has the job.
    pub taken: u64,
    /// The node receives the confirmation that the job is started.
    pub started: u64,
    /// The GPU has finished.
    pub executed: u64,
    /// The settlement is confirmed, and the client has received it.
    pub settled: u64,
}

impl Marks {
    /// Returns the timestamps relative to `origin`.
    pub const fn relative_to(self, origin: u64) -> Self {
        Self {
            sent: self.sent.saturating_sub(origin),
            listed: self.listed.saturating_sub(origin),
            taken: self.taken.saturating_sub(origin),
            started: self.started.saturating_sub(origin),
            executed: self.executed.saturating_sub(origin),
            settled: self.settled.saturating_sub(origin),
        }
    }

    /// Returns the stages between the timestamps.
    pub fn to_stages(&self, direction: Direction) -> [Stage; 5] {
        let waiting = match direction {
            Direction::Queued => StageKind::Queued,
            Direction::Matched => StageKind::Matched,
        };
        let ends = [
            (StageKind::Listing, self.listed),
            (waiting, self.taken),
            (StageKind::Starting, self.started),
            (StageKind::Running, self.executed),
            (StageKind::Settling, self.settled),
        ];

        let mut from_ms = self.sent;
        ends.map(|(kind, end)| {
            let stage = Stage { kind, from_ms, to_ms: end.max(from_ms) };
            from_ms = stage.to_ms;
            stage
        })
    }

    /// Returns the milliseconds from the client's transaction to the confirmed settlement.
    pub const fn total_ms(&self) -> u64 {
        self.settled.saturating_sub(self.sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks =
        Marks { sent: 100, listed: 150, taken: 170, started: 200, executed: 900, settled: 950 };

    #[test]
    fn stages_follow_each_other_without_gaps() {
        let stages = MARKS.to_stages(Direction::Queued);
        assert_eq!(stages.map(|stage| stage.duration_ms()), [50, 20, 30, 700, 50]);
        assert_eq!(stages[1].kind, StageKind::Queued);
        assert_eq!(MARKS.to_stages(Direction::Matched)[1].kind, StageKind::Matched);
        assert!(stages.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
        assert_eq!(stages.iter().map(Stage::duration_ms).sum::<u64>(), MARKS.total_ms());
    }

    #[test]
    fn a_stage_is_never_negative() {
        let marks = Marks { taken: 140, ..MARKS }.relative_to(100);
        let stages = marks.to_stages(Direction::Matched);
        assert_eq!(stages.map(|stage| stage.duration_ms()), [50, 0, 50, 700, 50]);
        assert_eq!(stages[0].from_ms, 0);
    }
}

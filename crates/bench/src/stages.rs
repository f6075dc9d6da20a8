//! Where a job's time went, by the harness' clock.
//!
//! The moments are noted by several tasks that hear of the same blocks over different connections,
//! so they may be a few milliseconds out of order. A stage begins when the one before it ended, and
//! none ends before it begins.

use serde::Serialize;

/// How a job and its node met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The job waited; the node took it from the queue.
    Queued,
    /// The node waited; the job met it as it was listed.
    Matched,
}

impl Direction {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Matched => "matched",
        }
    }
}

/// What a job can be at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// The client's transaction is under way.
    Listing,
    /// It waits for a node to be free.
    Queued,
    /// It has a node, which has to hear of it.
    Matched,
    /// The node has it, and tells the chain that it starts.
    Starting,
    /// The GPU works.
    Running,
    /// The result goes to the chain, which pays.
    Settling,
}

impl StageKind {
    /// All of them, in order.
    pub const ALL: [Self; 6] =
        [Self::Listing, Self::Queued, Self::Matched, Self::Starting, Self::Running, Self::Settling];

    /// Its name.
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
    /// What the job was at.
    pub kind: StageKind,
    /// When it began, in milliseconds since the first job was sent.
    pub from_ms: u64,
    /// When it ended.
    pub to_ms: u64,
}

impl Stage {
    /// Its length in milliseconds.
    pub const fn ms(&self) -> u64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

/// The moments of a job, in milliseconds of the harness' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Marks {
    /// The client sends it.
    pub sent: u64,
    /// The client knows that it is listed.
    pub listed: u64,
    /// The node has it.
    pub taken: u64,
    /// The node knows that it is started.
    pub started: u64,
    /// The GPU is done.
    pub executed: u64,
    /// Its settlement is confirmed, and its client has seen it.
    pub settled: u64,
}

impl Marks {
    /// The same moments counted from `origin`.
    pub const fn since(self, origin: u64) -> Self {
        Self {
            sent: self.sent.saturating_sub(origin),
            listed: self.listed.saturating_sub(origin),
            taken: self.taken.saturating_sub(origin),
            started: self.started.saturating_sub(origin),
            executed: self.executed.saturating_sub(origin),
            settled: self.settled.saturating_sub(origin),
        }
    }

    /// The stages that they bound.
    pub fn stages(&self, direction: Direction) -> [Stage; 5] {
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

    /// From the client's transaction to the confirmed settlement.
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
        let stages = MARKS.stages(Direction::Queued);
        assert_eq!(stages.map(|stage| stage.ms()), [50, 20, 30, 700, 50]);
        assert_eq!(stages[1].kind, StageKind::Queued);
        assert_eq!(MARKS.stages(Direction::Matched)[1].kind, StageKind::Matched);
        assert!(stages.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
        assert_eq!(stages.iter().map(Stage::ms).sum::<u64>(), MARKS.total_ms());
    }

    #[test]
    fn a_node_that_hears_of_a_job_before_its_client_does_costs_no_time() {
        let marks = Marks { taken: 140, ..MARKS }.since(100);
        let stages = marks.stages(Direction::Matched);
        assert_eq!(stages.map(|stage| stage.ms()), [50, 0, 50, 700, 50]);
        assert_eq!(stages[0].from_ms, 0);
    }
}

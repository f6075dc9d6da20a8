//! What is simulated.

use serde::Serialize;

use crate::{
    costs::{BlockLimits, Costs},
    fault::Fault,
    service::{Arrivals, ServiceTimes},
    time::{Nanos, from_ms, from_seconds},
};

/// What is simulated: markets that are alike, on one chain.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// The number of markets.
    pub markets: usize,
    /// Nodes of all markets together. The first markets have one more if they cannot all have the
    /// same number.
    pub nodes: usize,
    /// Jobs that a node runs at a time.
    pub slots_per_node: usize,
    /// When jobs are listed in all markets together. Each has a share by its slots.
    pub arrivals: Arrivals,
    /// How long jobs run.
    pub service: ServiceTimes,
    /// The clocks of the markets.
    pub clocks: MarketClocks,
    /// How nodes fail; `None` if they do not.
    pub churn: Option<Churn>,
    /// Seconds from a match until the node sends `start`.
    pub reaction_seconds: f64,
    /// What transactions cost.
    pub costs: Costs,
    /// What fits into a block.
    pub limits: BlockLimits,
    /// How the simulation begins.
    pub begin: Begin,
    /// Seconds that are simulated, up to the end of the measured time.
    pub seconds: f64,
    /// Seconds at the beginning that are not measured.
    pub warm_up_seconds: f64,
    /// Seconds after the measured time in which jobs that were listed in it may still start. The
    /// simulation ends as soon as nearly all have.
    pub drain_seconds: f64,
    /// Seed of all random numbers.
    pub seed: u64,
}

/// The clocks of a market, and how often it tries a job.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MarketClocks {
    /// Longest time from a match to the start, in seconds.
    pub start_seconds: f64,
    /// Longest time between two heartbeats, in seconds.
    pub heartbeat_seconds: f64,
    /// Shortest time from the start until the slot is free again after a result, in seconds.
    pub min_run_seconds: f64,
    /// How often a job returns to the queue after a node failed.
    pub max_attempts: u32,
}

/// How nodes fail.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Churn {
    /// Mean time from the start of a node to its failure, in seconds.
    pub mean_life_seconds: f64,
    /// Mean time from a failure to the next start, in seconds.
    pub mean_repair_seconds: f64,
}

/// How a simulation begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Begin {
    /// Each slot runs a job with this probability, and waits otherwise.
    Busy(f64),
    /// The nodes request work at this time, in seconds.
    Idle(f64),
}

/// Heartbeats that a node sends within the longest time between two, as `crates/worker` does.
pub const HEARTBEATS_PER_LIMIT: f64 = 3.0;

impl MarketClocks {
    /// Those of `nosana_localnet::default_terms`. A test of `tests/tests/throughput` compares them.
    pub const DEFAULT: Self = Self {
        start_seconds: 120.0,
        heartbeat_seconds: 60.0,
        min_run_seconds: 2.0,
        max_attempts: 3,
    };

    /// Returns the time between two heartbeats of a node.
    pub fn heartbeat_interval(&self) -> Nanos {
        from_seconds(self.heartbeat_seconds / HEARTBEATS_PER_LIMIT).max(1)
    }
}

impl Scenario {
    /// Slots of all markets together.
    pub const fn slots(&self) -> usize {
        self.nodes * self.slots_per_node
    }

    /// Nodes of the market with this number, from zero.
    pub const fn nodes_of(&self, market: usize) -> usize {
        self.nodes / self.markets + (market < self.nodes % self.markets) as usize
    }

    /// Returns the measured time, from its begin to its end: whole blocks, so that what they
    /// contain is compared with the room that they have.
    pub fn window(&self) -> (Nanos, Nanos) {
        let slot = from_ms(self.limits.slot_ms).max(1);
        let [from, to] = [self.warm_up_seconds, self.seconds]
            .map(|seconds| from_seconds(seconds).div_ceil(slot).saturating_mul(slot));
        (from, to.max(from.saturating_add(slot)))
    }

    /// Checks that the scenario can be simulated.
    ///
    /// # Errors
    /// If not.
    pub fn check(&self) -> Result<(), Fault> {
        self.service.check()?;
        if self.markets == 0 || self.nodes < self.markets || self.slots_per_node == 0 {
            return Err(Fault::Scenario("each market needs a node, and each node a slot"));
        }
        if self.limits.slot_ms == 0 {
            return Err(Fault::Scenario("blocks must take time"));
        }
        if self.warm_up_seconds >= self.seconds {
            return Err(Fault::Scenario("the warm-up must end before the simulation"));
        }
        Ok(())
    }
}

//! Markets of all sizes under all loads: what is simulated.

use serde::Serialize;

use crate::{
    costs::{BlockLimits, Costs},
    load::{LOADS, Load},
    scenario::{Begin, Churn, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

/// The most nodes of a point: with more, a point takes minutes.
pub const MAX_NODES: usize = 100_000;
/// Mean runs of the shortest warm-up: after two, six of seven jobs of the begin have ended.
pub const WARM_UP_RUNS: f64 = 2.0;
/// Mean runs of the shortest measured time.
pub const MEASURED_RUNS: f64 = 5.0;
/// The shortest warm-up, as a part of the measured time.
pub const WARM_UP_SHARE: f64 = 0.25;
/// The fewest jobs of a market in the measured time: queues of few nodes change slowly.
pub const MARKET_JOBS: usize = 2_000;
/// The part of the slots that a batch of jobs could fill is one divided by this number.
pub const BATCH_DIVISOR: usize = 10;

/// Blocks that a slot waits for between two runs, beside those from a match to the start: half of
/// one on average for `finish`, which is sent at any time, and one for `work`.
const HAND_OVER_BLOCKS: f64 = 1.5;
/// The time in which the last jobs may still start, as a part of the measured time.
const DRAIN_SHARE: f64 = 0.1;
/// The fewest jobs of a batch.
const MIN_BATCH: usize = 2;

/// What is simulated.
#[derive(Clone, Debug, Serialize)]
pub struct SweepConfig {
    /// Numbers of nodes, in all markets together.
    pub nodes: Vec<usize>,
    /// Numbers of markets.
    pub markets: Vec<usize>,
    /// Jobs that a node runs at a time.
    pub slots_per_node: usize,
    /// How long jobs run.
    pub service: ServiceTimes,
    /// The clocks of the markets.
    pub clocks: MarketClocks,
    /// How nodes fail; `None` if they do not.
    pub churn: Option<Churn>,
    /// Seconds from a match until the node sends `start`.
    pub reaction_seconds: f64,
    /// The fewest jobs of the measured time of a simulation.
    pub jobs: usize,
    /// Simulations of a point, each with other random numbers.
    pub seeds: u64,
    /// The jobs of all simulations of a point. Large points have fewer simulations, at least one.
    pub point_jobs: usize,
    /// Seed of all random numbers.
    pub seed: u64,
}

impl SweepConfig {
    /// Up to 100,000 nodes in 1, 4 and 16 markets.
    ///
    /// No record of real markets has their churn: a node is assumed to fail once a day and to be
    /// back after five minutes. It has one slot. It is assumed to see its match a block later.
    pub fn full() -> Self {
        Self {
            nodes: vec![10, 100, 1_000, 10_000, MAX_NODES],
            markets: vec![1, 4, 16],
            slots_per_node: 1,
            service: ServiceTimes::DEFAULT,
            clocks: MarketClocks::DEFAULT,
            churn: Some(Churn { mean_life_seconds: 86_400.0, mean_repair_seconds: 300.0 }),
            reaction_seconds: BlockLimits::AGAVE.slot_seconds(),
            jobs: 20_000,
            seeds: 5,
            point_jobs: 1_300_000,
            seed: 1,
        }
    }

    /// The same with fewer jobs: the waiting times are rough.
    pub fn quick() -> Self {
        Self { jobs: 2_000, point_jobs: 100_000, ..Self::full() }
    }

    /// Returns the combinations: nodes, markets and load. No market is without a node.
    pub fn list_points(&self) -> Vec<(usize, usize, Load)> {
        let mut points = Vec::new();
        for nodes in self.nodes.iter().copied() {
            for markets in self.markets.iter().copied().filter(|markets| *markets <= nodes) {
                points.extend(LOADS.map(|load| (nodes, markets, load)));
            }
        }
        points
    }

    /// Returns the numbers of nodes and markets that are left out.
    pub fn list_omitted(&self) -> Vec<(usize, usize)> {
        let of_nodes = |nodes: &usize| {
            let nodes = *nodes;
            let omitted = self.markets.iter().filter(move |markets| **markets > nodes);
            omitted.map(move |markets| (nodes, *markets))
        };
        self.nodes.iter().flat_map(of_nodes).collect()
    }

    /// Returns the jobs in a second that all slots of so many nodes can run.
    pub fn find_capacity(&self, nodes: usize) -> f64 {
        (nodes * self.slots_per_node) as f64 / self.find_cycle()
    }

    /// Returns the seconds from one run of a slot to the next, if jobs always wait.
    fn find_cycle(&self) -> f64 {
        let slot = BlockLimits::AGAVE.slot_seconds();
        // `start` is sent so long after a block, and lands in the next one.
        let start_blocks = (self.reaction_seconds / slot).floor() + 1.0;
        let run = self.service.mean_at_least(self.clocks.min_run_seconds);
        run + (HAND_OVER_BLOCKS + start_blocks) * slot
    }

    /// Returns the scenario of a combination.
    pub fn build_scenario(
        &self,
        nodes: usize,
        markets: usize,
        load: Load,
        costs: Costs,
    ) -> Scenario {
        let limits = BlockLimits::AGAVE;
        let run = self.service.mean();
        let capacity = self.find_capacity(nodes);
        let offered = capacity * load.total();
        let ceiling = limits.find_ceiling(&costs, markets);

        let batch = (nodes * self.slots_per_node / markets / BATCH_DIVISOR).max(MIN_BATCH);
        let batch_rate = capacity * load.batched / batch as f64;
        let arrivals = Arrivals::Random { rate: capacity * load.single, batch_rate, batch };

        let jobs = self.jobs.max(MARKET_JOBS * markets) as f64;
        let measured = (jobs / offered).max(MEASURED_RUNS * run);
        let warm_up = (WARM_UP_RUNS * run).max(measured * WARM_UP_SHARE);
        // What blocks have no room for never drains.
        let is_bounded = offered <= ceiling;
        let drain = (WARM_UP_RUNS * run + self.clocks.start_seconds).max(measured * DRAIN_SHARE);
        Scenario {
            markets,
            nodes,
            slots_per_node: self.slots_per_node,
            arrivals,
            service: self.service.clone(),
            clocks: self.clocks,
            churn: self.churn,
            reaction_seconds: self.reaction_seconds,
            costs,
            limits,
            begin: Begin::Busy(offered.min(ceiling) / capacity * run / self.find_cycle()),
            seconds: warm_up + measured,
            warm_up_seconds: warm_up,
            drain_seconds: if is_bounded { drain } else { 0.0 },
            seed: self.seed,
        }
    }
}

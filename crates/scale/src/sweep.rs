//! Markets of all sizes under all loads.

use serde::Serialize;

use crate::{
    costs::{BlockLimits, Costs},
    engine::simulate,
    fault::Fault,
    load::{LOADS, Load},
    outcome::Outcome,
    scenario::{Begin, Churn, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

/// Blocks that a slot waits for between two runs: one for `start`, half of one on average for
/// `finish`, which is sent at any time, and one for `work`.
const HAND_OVER_BLOCKS: f64 = 2.5;
/// The part of the simulated time that is not measured.
const WARM_UP: f64 = 0.2;
/// Jobs for each node, before the bounds of [`SweepConfig::jobs`] apply.
const JOBS_PER_NODE: usize = 2;
/// The part of the slots that a batch of jobs could fill.
const BATCH_DIVISOR: usize = 10;
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
    /// How nodes fail; `None` if they do not.
    pub churn: Option<Churn>,
    /// Seconds from a match until the node sends `start`.
    pub reaction_seconds: f64,
    /// The fewest and the most jobs of a point.
    pub jobs: (usize, usize),
    /// Seed of all random numbers.
    pub seed: u64,
}

/// One combination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScalePoint {
    /// Nodes in all markets together.
    pub nodes: usize,
    /// Markets.
    pub markets: usize,
    /// The load.
    pub load: Load,
    /// Jobs that clients list in a second, in all markets together.
    pub offered_per_second: f64,
    /// Whole jobs in a second that blocks have room for.
    pub ceiling_per_second: f64,
    /// What was measured.
    pub outcome: Outcome,
}

impl SweepConfig {
    /// Up to 100,000 nodes in 1, 4 and 16 markets.
    ///
    /// No record of real markets has their churn: a node is assumed to fail once a day and to be
    /// back after five minutes. It has one slot.
    pub fn full() -> Self {
        Self {
            nodes: vec![10, 100, 1_000, 10_000, 100_000],
            markets: vec![1, 4, 16],
            slots_per_node: 1,
            service: ServiceTimes::DEFAULT,
            churn: Some(Churn { mean_life_seconds: 86_400.0, mean_repair_seconds: 300.0 }),
            reaction_seconds: 0.0,
            jobs: (20_000, 100_000),
            seed: 1,
        }
    }

    /// The same with fewer jobs: the waiting times are rough.
    pub fn quick() -> Self {
        Self { jobs: (2_000, 20_000), ..Self::full() }
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

    /// Returns the scenario of a combination. All markets have the same number of nodes.
    pub fn build_scenario(
        &self,
        nodes: usize,
        markets: usize,
        load: Load,
        costs: Costs,
    ) -> Scenario {
        let limits = BlockLimits::MAINNET;
        let run = self.service.mean();
        let hand_over = HAND_OVER_BLOCKS * limits.slot_ms as f64 / 1_000.0 + self.reaction_seconds;

        let nodes = (nodes / markets).max(1);
        let slots = nodes * self.slots_per_node;
        let capacity = slots as f64 / (run + hand_over);
        let batch = (slots / BATCH_DIVISOR).max(MIN_BATCH);
        let arrivals = Arrivals::Random {
            rate: capacity * load.single,
            batch_rate: capacity * load.batched / batch as f64,
            batch,
        };

        let (fewest, most) = self.jobs;
        let jobs = (slots * markets * JOBS_PER_NODE).clamp(fewest, most);
        let seconds = jobs as f64 / (capacity * load.total() * markets as f64);
        Scenario {
            markets,
            nodes,
            slots_per_node: self.slots_per_node,
            arrivals,
            service: self.service.clone(),
            clocks: MarketClocks::DEFAULT,
            churn: self.churn,
            reaction_seconds: self.reaction_seconds,
            costs,
            limits,
            begin: Begin::Busy(load.total() * run / (run + hand_over)),
            seconds,
            warm_up_seconds: seconds * WARM_UP,
            seed: self.seed,
        }
    }

    /// Simulates one combination.
    ///
    /// # Errors
    /// If it cannot be simulated.
    pub fn simulate_point(
        &self,
        nodes: usize,
        markets: usize,
        load: Load,
    ) -> Result<ScalePoint, Fault> {
        let costs = Costs::from_baseline()?;
        let scenario = self.build_scenario(nodes, markets, load, costs);
        let outcome = simulate(&scenario)?;

        let offered = match scenario.arrivals {
            Arrivals::Random { rate, batch_rate, batch } => rate + batch_rate * batch as f64,
            Arrivals::At(_) => 0.0,
        };
        Ok(ScalePoint {
            nodes,
            markets,
            load,
            offered_per_second: offered * markets as f64,
            ceiling_per_second: scenario.limits.find_ceiling(&costs, markets),
            outcome,
        })
    }
}

impl ScalePoint {
    /// Results as a part of what clients list. Below one, jobs pile up.
    pub fn served_share(&self) -> f64 {
        self.outcome.jobs_per_second / self.offered_per_second
    }

    /// Returns true if blocks have no room for what clients list.
    pub fn is_beyond_chain(&self) -> bool {
        self.offered_per_second > self.ceiling_per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::HIGH_LOAD;

    #[test]
    fn no_market_is_without_a_node() {
        let points = SweepConfig::full().list_points();
        assert!(points.iter().all(|(nodes, markets, _)| markets <= nodes));
        assert_eq!(points.len(), (5 * 3 - 1) * LOADS.len());
    }

    #[test]
    fn bursts_list_as_much_as_their_load_says() {
        let config = SweepConfig::quick();
        let [steady, bursts] = [LOADS[1], LOADS[3]].map(|load| {
            let scenario = config.build_scenario(400, 4, load, Costs::FREE);
            match scenario.arrivals {
                Arrivals::Random { rate, batch_rate, batch } => rate + batch_rate * batch as f64,
                Arrivals::At(_) => 0.0,
            }
        });
        // 100 slots, each of which runs a job of 30 seconds every 31 seconds.
        assert!((steady - 0.8 * 100.0 / 31.0).abs() < 1e-9, "{steady}");
        assert!((steady - bursts).abs() < 1e-9, "{bursts}");
    }

    #[test]
    fn a_point_has_results_and_a_chain_load() {
        let point = SweepConfig::quick().simulate_point(100, 4, HIGH_LOAD).unwrap();
        let Outcome { waits, utilization, chain, .. } = &point.outcome;
        assert!((0.9..1.1).contains(&point.served_share()), "{point:?}");
        assert!(waits.median > 0.0 && waits.median <= waits.p95 && waits.p95 <= waits.p99);
        assert!((0.8..1.0).contains(utilization), "{utilization}");
        assert!((1e-5..0.01).contains(&chain.block_share), "{chain:?}");
        assert!((1e-5..0.01).contains(&chain.account_share), "{chain:?}");
        assert!(!point.is_beyond_chain());
    }
}

//! One combination of nodes, markets and load, simulated.

use serde::Serialize;

use crate::{
    average::{Spread, average_outcomes},
    costs::Costs,
    engine::simulate,
    fault::Fault,
    load::Load,
    outcome::Outcome,
    sweep::{MAX_NODES, SweepConfig},
};

/// Jobs pile up if the queues grow by more than this part of what clients list.
const MAX_GROWTH: f64 = 0.05;

/// One combination.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScalePoint {
    /// Nodes in all markets together.
    pub nodes: usize,
    /// Markets.
    pub markets: usize,
    /// The load.
    pub load: Load,
    /// Jobs that clients are meant to list in a second, in all markets together.
    pub offered_per_second: f64,
    /// Whole jobs in a second that blocks have room for.
    pub ceiling_per_second: f64,
    /// Simulations, each with other random numbers.
    pub seeds: usize,
    /// What they measured together. Its waiting times are not known if jobs pile up.
    pub outcome: Outcome,
    /// Whether jobs pile up: clients list more than blocks have room for, or the queues grow by
    /// more than a twentieth of what they list.
    pub piles_up: bool,
    /// What 95 % of the jobs wait at most, in each of them; `None` if it is not known.
    pub p95_spread: Option<Spread>,
    /// Results as a part of what clients listed, in each of them.
    pub served_spread: Option<Spread>,
}

impl SweepConfig {
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
        if nodes > MAX_NODES {
            return Err(Fault::Scenario("it has more than 100,000 nodes; give fewer"));
        }
        let costs = Costs::from_baseline()?;
        let scenario = self.build_scenario(nodes, markets, load, costs);
        let offered = self.find_capacity(nodes) * load.total();
        let ceiling = scenario.limits.find_ceiling(&costs, markets);

        let jobs = (offered * scenario.seconds).max(1.0);
        let seeds = ((self.point_jobs as f64 / jobs) as u64).clamp(1, self.seeds.max(1));
        let outcomes = (0..seeds)
            .map(|number| {
                let mut seeded = scenario.clone();
                seeded.seed = scenario.seed.wrapping_add(number);
                simulate(&seeded)
            })
            .collect::<Result<Vec<Outcome>, Fault>>()?;

        let mut outcome = average_outcomes(&outcomes);
        let growth = outcome.backlog_growth as f64;
        let piles_up = offered > ceiling || growth > outcome.listed as f64 * MAX_GROWTH;
        let p95s = outcomes.iter().filter_map(|outcome| outcome.waits).map(|waits| waits.p95);
        let p95_spread = Spread::of_figures(p95s).filter(|_| !piles_up && outcome.waits.is_some());
        if piles_up {
            outcome.waits = None;
        }
        Ok(ScalePoint {
            nodes,
            markets,
            load,
            offered_per_second: offered,
            ceiling_per_second: ceiling,
            seeds: outcomes.len(),
            outcome,
            piles_up,
            p95_spread,
            served_spread: Spread::of_figures(outcomes.iter().map(find_served_share)),
        })
    }
}

impl ScalePoint {
    /// Returns results as a part of what clients listed. Jobs that were listed before the measured
    /// time end in it, and those of its end after it: the share is about one if none pile up.
    pub fn served_share(&self) -> f64 {
        find_served_share(&self.outcome)
    }
}

/// Returns results as a part of what clients listed in one simulation, or in several.
fn find_served_share(outcome: &Outcome) -> f64 {
    outcome.finished as f64 / outcome.listed.max(1) as f64
}

//! A market with all kinds of agents: who earns what, job by job.
//!
//! | file | purpose |
//! | --- | --- |
//! | `kinds` | the kinds of agents, how many there are, and what their work costs |
//! | `job` | one job, from its result to the payments |
//! | `ledger` | the profits of each kind |

mod job;
mod kinds;
mod ledger;

use fastrand::Rng;
use nosana_protocol::{
    dispute::terms::DisputeTerms,
    units::{BasisPoints, Seconds},
};
use rayon::prelude::*;

pub use self::{
    kinds::{ANSWER_COSTS, COLLUDING, Costs, EMBEDDING_COSTS, Kind, MIX},
    ledger::{Earned, Ledger},
};
use crate::{
    config::{MANY_NODES, SimulationConfig},
    fault::Fault,
    listing::Listing,
    population::{Population, Shares},
    sweep::list_job,
};

/// Parts of the market that are simulated side by side.
pub const BATCHES: u64 = 20;

/// The terms of the market: those of the documentation's worked example.
pub const MARKET: DisputeTerms =
    DisputeTerms { phase: Seconds(600), panel_fee: BasisPoints(2_500), min_collateral_ratio: 20 };

/// Simulates a market of answers, and returns what each kind of agent earned.
///
/// # Errors
/// If a rule fails.
pub fn run_market(
    config: &SimulationConfig,
    observe: &(dyn Fn() + Sync),
) -> Result<Vec<Earned>, Fault> {
    let listing = list_job(MARKET, config)?;
    let batches: Result<Vec<Ledger>, Fault> = (0..BATCHES)
        .into_par_iter()
        .map(|batch| {
            let mut rng = Rng::with_seed(config.seed.wrapping_mul(BATCHES).wrapping_add(batch));
            let ledger =
                run_batch(&listing, ANSWER_COSTS, u64::from(config.jobs) / BATCHES, &mut rng);
            observe();
            ledger
        })
        .collect();

    let mut ledger = Ledger::default();
    for batch in batches? {
        ledger.add_ledger(&batch);
    }

    Ok(ledger.list_earned())
}

fn run_batch(listing: &Listing, costs: Costs, jobs: u64, rng: &mut Rng) -> Result<Ledger, Fault> {
    let shares = Shares { colluding: COLLUDING, sybils: MANY_NODES.nodes, responding: 1.0 };
    let population = Population::with_shares(shares, rng)?;
    let mut ledger = Ledger::default();
    for _ in 0..jobs {
        job::play_job(listing, costs, &population, rng, &mut ledger)?;
    }

    Ok(ledger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_agents_earn_the_most() {
        let config = SimulationConfig { jobs: 20_000, ..SimulationConfig::QUICK };
        let earned = run_market(&config, &|| ()).unwrap();
        let gain = |kind: Kind| {
            let found = earned.iter().find(|earned| earned.kind == kind).unwrap();
            assert!(found.events > 20, "{found:?}");
            found.gain.unwrap().mean
        };
        for kind in [Kind::LazyNode, Kind::CheatingNode, Kind::GriefingClient] {
            assert!(gain(kind) < 0.0, "{kind:?}");
        }
        for kind in [Kind::LazyPanelist, Kind::AbsentPanelist] {
            assert!(gain(kind) < 0.0, "{kind:?}");
        }
        assert_eq!(run_market(&config, &|| ()).unwrap(), earned, "the same seed");
    }

    /// Of a hundred clients, two dispute right results: a copy loses its collateral to them.
    #[test]
    fn a_copy_gains_its_work_less_what_disputes_of_right_results_take() {
        let gains = |min_collateral_ratio| {
            let terms = DisputeTerms { min_collateral_ratio, ..MARKET };
            let listing = Listing::with_terms(terms).unwrap();
            let mut rng = Rng::with_seed(1);
            let ledger = run_batch(&listing, ANSWER_COSTS, 200_000, &mut rng).unwrap();
            let earned = ledger.list_earned();
            [Kind::CopyingNode, Kind::ColludingPanelist]
                .map(|kind| earned.iter().find(|earned| earned.kind == kind).unwrap().gain.unwrap())
        };

        let [copying, colluding] = gains(20);
        assert!(copying.mean > 0.0 && copying.mean < ANSWER_COSTS.work, "{copying:?}");
        assert!(colluding.mean > 0.0 && colluding.mean < ANSWER_COSTS.seat, "{colluding:?}");
        let [copying, _] = gains(100);
        assert!(copying.mean < 0.0, "{copying:?}");
    }

    /// The profit of an agent for a seat or a check, in prices of the whole timeout.
    fn average_profit(kind: Kind, costs: Costs, panel_fee: u16) -> f64 {
        let terms = DisputeTerms { panel_fee: BasisPoints(panel_fee), ..MARKET };
        let listing = Listing::with_terms(terms).unwrap();
        let ledger = run_batch(&listing, costs, 60_000, &mut Rng::with_seed(1)).unwrap();

        let earned = ledger.list_earned();
        let found = earned.iter().find(|earned| earned.kind == kind).unwrap();
        assert!(found.events > 400, "{found:?}");
        found.profit.mean
    }

    fn seat_profit(costs: Costs, panel_fee: u16) -> f64 {
        average_profit(Kind::HonestPanelist, costs, panel_fee)
    }

    /// As "Choosing terms" in docs/verification.md says.
    #[test]
    fn the_lowest_panel_fee_pays_for_answers_and_not_for_embeddings() {
        assert!(seat_profit(ANSWER_COSTS, 2_500) > 0.0);
        assert!(seat_profit(EMBEDDING_COSTS, 2_500) < -0.5);
        assert!(seat_profit(EMBEDDING_COSTS, 5_000) < -0.3);
        let even = seat_profit(EMBEDDING_COSTS, 10_000);
        assert!(even.abs() < 0.15, "{even}");
        assert!(seat_profit(EMBEDDING_COSTS, 20_000) > 0.5);

        // The fee is a part of the price of the whole timeout, of which work takes less.
        let short = |times| Costs { seat: EMBEDDING_COSTS.seat / times, ..EMBEDDING_COSTS };
        assert!(seat_profit(short(3.0), 2_500) < 0.0);
        assert!(seat_profit(short(5.0), 2_500) > 0.0);
    }

    /// As "Choosing terms" in docs/verification.md says. A fifth of the results are wrong.
    #[test]
    fn fishermen_of_embeddings_need_a_high_panel_fee() {
        let profit = |panel_fee| average_profit(Kind::Fisherman, EMBEDDING_COSTS, panel_fee);
        assert!(profit(2_500) < -0.15);
        let even = profit(10_000);
        assert!(even.abs() < 0.15, "{even}");
        assert!(profit(20_000) > 0.0);
    }

    #[test]
    fn cheating_pays_where_nobody_checks() {
        let config = SimulationConfig { check_rate: Some(0.0), ..SimulationConfig::QUICK };
        let earned = run_market(&config, &|| ()).unwrap();
        let lazy = earned.iter().find(|earned| earned.kind == Kind::LazyNode).unwrap();
        assert!(lazy.gain.unwrap().mean > 0.0, "fishermen alone are too few: {lazy:?}");
    }
}

//! Agents that play the rules of disputes, to find out which strategies pay.
//!
//! Nothing of the protocol is written here again: terms are admitted, panels drawn, votes judged and
//! parties paid by [`nosana_protocol`], as the programs do. [`run`] tries every strategy with all
//! terms that a market may choose, and `docs/verification.md` says what it assumes and finds.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`bounds`] | claims that hold whatever is drawn: every case is tried |
//! | [`coalition`] | parties that act together, and the best of all that they can do |
//! | [`sweep`] | each strategy of coalitions, with all terms |
//! | [`agents`] | a market with all kinds of agents |
//! | [`choices`] | what a market owner chooses between |
//! | [`turnout`] | markets in which few respond, and colluders who split their weight |
//! | [`plots`] | what is drawn |
//! | [`report`] | all results, and which of them are failures |
//! | [`population`], [`panels`] | the enrolled nodes, and the panels that are drawn from them |
//! | [`listing`] | a job with the terms of its market |
//! | [`hearing`], [`sketches`] | a dispute, through its phases |
//! | [`config`], [`fault`] | what is simulated, and why it fails |

pub mod agents;
pub mod bounds;
pub mod choices;
pub mod coalition;
pub mod config;
pub mod fault;
pub mod hearing;
pub mod listing;
pub mod panels;
pub mod plots;
pub mod population;
pub mod report;
pub mod sketches;
pub mod sweep;
pub mod turnout;

use crate::{config::SimulationConfig, fault::Fault, report::Report};

/// How often [`run`] reports progress.
pub const STEPS: u64 = sweep::STEPS as u64 + agents::BATCHES + 3;

/// Simulates everything. Calls `observe` [`STEPS`] times.
///
/// # Errors
/// If a rule of the protocol fails, which none does within the bounds of the terms.
pub fn run(config: &SimulationConfig, observe: &(dyn Fn() + Sync)) -> Result<Report, Fault> {
    let mut listings = Vec::new();
    for terms in config::swept_terms() {
        listings.push(sweep::list_job(terms, config)?);
    }
    let bounds = bounds::check_bounds(&listings, 2)?;
    observe();

    let agents = agents::run_market(config, observe)?;
    let escapes = turnout::list_escapes(config)?;
    observe();
    let splits = turnout::list_splits(config)?;
    observe();

    let drawn = sweep::draw_shares(config, observe)?;
    let strategies = sweep::sweep_terms(config, &drawn, observe)?;

    Ok(Report {
        draws: config.draws,
        jobs: config.jobs,
        seed: config.seed,
        check_rate: config.check_rate,
        bounds,
        strategies,
        agents,
        choices: choices::list_choices(config, &drawn)?,
        plots: plots::list_plots(config, &drawn, &escapes)?,
        escapes,
        splits,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::sweep::Swept;

    fn simulate(check_rate: Option<f64>) -> Report {
        let steps = AtomicU64::new(0);
        let observe = || {
            steps.fetch_add(1, Ordering::Relaxed);
        };
        let config = SimulationConfig { draws: 5_000, check_rate, ..SimulationConfig::QUICK };
        let report = run(&config, &observe).unwrap();
        assert_eq!(steps.into_inner(), STEPS);
        report
    }

    /// The list is that of "Three strategies that pay" in docs/verification.md. Cheating nodes and
    /// false challenges are not in it: below a third of the weight, they do not pay.
    #[test]
    fn what_pays_is_what_the_documentation_says() {
        let mut report = simulate(None);
        let failures = report.list_failures();
        assert!(failures.iter().all(|failure| failure.is_known), "{failures:#?}");
        let mut names: Vec<_> = failures.iter().map(|failure| failure.strategy).collect();
        names.dedup();
        let expected = ["false challenge, content withheld", "copying node", "colluding panelist"];
        assert_eq!(names, expected);

        limits_are_close_and_enforced(&mut report);
    }

    /// What can pay is a failure if it gains more than its limit, and limits are near the gains.
    fn limits_are_close_and_enforced(report: &mut Report) {
        let is_limited = |swept: &&mut Swept| swept.first.is_some_and(|it| it.known_gain.is_some());
        let withheld = report.strategies.iter_mut().find(is_limited).unwrap();
        for fee in [2_500, 3_500, 5_000, 10_000, 20_000] {
            let cases = withheld.points.iter().filter(|point| point.panel_fee_bps == fee);
            let best = cases.max_by(|a, b| a.gain.mean.total_cmp(&b.gain.mean)).unwrap();
            assert!((best.gain.mean - best.known_gain.unwrap()).abs() < 0.005, "{best:?}");
        }

        // The highest fee allows that, and the lowest one does not.
        let cheap = withheld.points.iter_mut().find(|point| point.panel_fee_bps == 2_500);
        cheap.unwrap().gain.mean = 11.0;
        for earned in &mut report.agents {
            if let Some(gain) = earned.gain.as_mut().filter(|gain| gain.is_gain()) {
                gain.mean *= 10.0;
            }
        }

        let failures = report.list_failures();
        assert_eq!(failures.len(), 3, "{failures:#?}");
        for failure in failures {
            assert!(!failure.is_known, "{failure:?}");
            assert!(failure.detail.contains("more than the known"), "{failure:?}");
        }
    }

    #[test]
    fn terms_below_the_bound_are_found() {
        let failures = simulate(Some(0.001)).list_failures();
        let lazy = failures.iter().find(|failure| failure.strategy == "lazy node").unwrap();
        assert!(!lazy.is_known, "{lazy:?}");
        assert!(lazy.detail.contains("min_collateral_ratio 10,"), "{lazy:?}");
        assert!(
            lazy.detail.contains("0.0 % of the weight in 10 nodes, 0.10 % of the results checked")
        );
    }
}

//! Panels of markets in which not everybody responds, and of colluders who split their weight.

use fastrand::Rng;
use rayon::prelude::*;
use serde::Serialize;

use crate::{
    choices::{escape_share, terms_of},
    config::{MANY_NODES, SimulationConfig},
    fault::Fault,
    listing::Listing,
    panels::{Estimate, Panels},
    population::Shares,
};

/// Parts of the honest nodes that respond.
pub const RESPONDING: [f64; 4] = [1.0, 0.5, 0.25, 0.1];
/// Numbers of nodes among which colluders split their weight.
const SPLITS: [u64; 5] = [1, 2, 3, 10, 30];
/// The share that they split.
const SPLIT_SHARE: f64 = 0.15;
/// A tenth of the draws of the sweep suffices for these figures.
const DRAWS_PART: u32 = 10;

/// How often wrong results escape.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Escape {
    /// The part of the honest nodes that responds.
    pub responding: f64,
    /// The colluders' share of the weight that could respond.
    pub colluding: f64,
    /// The part of the disputes in which a wrong result is not convicted.
    pub share: Estimate,
}

/// What colluders get by splitting their weight.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Split {
    /// The number of nodes.
    pub nodes: u64,
    /// Seats of a panel.
    pub seats: Estimate,
    /// The part of the panels in which they have two seats or more.
    pub majorities: Estimate,
}

/// Draws panels for each share, and each part that responds.
///
/// # Errors
/// If a rule fails.
pub fn list_escapes(config: &SimulationConfig) -> Result<Vec<Escape>, Fault> {
    let listing = Listing::with_terms(terms_of(2_500, 20))?;
    let shares = MANY_NODES.shares();
    let cases: Vec<(f64, f64)> =
        shares.flat_map(|colluding| RESPONDING.map(|part| (part, colluding))).collect();

    let escape = |(index, (responding, colluding)): (usize, &(f64, f64))| {
        let shares =
            Shares { colluding: *colluding, sybils: MANY_NODES.nodes, responding: *responding };
        let share = escape_share(&listing, &draw_panels(config, shares, index)?)?;

        Ok(Escape { responding: *responding, colluding: *colluding, share })
    };
    cases.par_iter().enumerate().map(escape).collect()
}

/// Draws panels for each number of nodes.
///
/// # Errors
/// If a rule fails.
pub fn list_splits(config: &SimulationConfig) -> Result<Vec<Split>, Fault> {
    let split = |(index, nodes): (usize, u64)| {
        let shares = Shares { colluding: SPLIT_SHARE, sybils: nodes, responding: 1.0 };
        let panels = draw_panels(config, shares, 1_000 + index)?;
        let seats = panels.average(|panel| Ok(panel.colluding as f64))?;
        let majorities = panels.average(|panel| Ok(f64::from(u8::from(panel.colluding >= 2))))?;

        Ok(Split { nodes, seats, majorities })
    };
    SPLITS.into_par_iter().enumerate().map(split).collect()
}

fn draw_panels(config: &SimulationConfig, shares: Shares, index: usize) -> Result<Panels, Fault> {
    let mut rng = Rng::with_seed(config.seed.rotate_left(32) ^ index as u64);
    Panels::draw(shares, (config.draws / DRAWS_PART).max(1), &mut rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_responses_let_more_wrong_results_escape() {
        let escapes = list_escapes(&SimulationConfig::QUICK).unwrap();
        let share = |responding, colluding| {
            let is_it =
                |escape: &&Escape| (escape.responding, escape.colluding) == (responding, colluding);
            escapes.iter().find(is_it).unwrap().share.mean
        };
        assert!(share(1.0, 0.0) < 0.01 && share(1.0, 0.15) < 0.09);
        assert!(share(0.5, 0.0) < 0.3 && share(0.1, 0.0) > 0.3);
        assert!(share(0.25, 0.15) > share(1.0, 0.15));
    }

    #[test]
    fn splitting_gains_no_seats() {
        let splits = list_splits(&SimulationConfig::QUICK).unwrap();
        let [one, .., many] = &splits[..] else { panic!("{splits:?}") };
        assert!(many.seats.mean < one.seats.mean + 5.0 * one.seats.error, "{splits:?}");
        assert_eq!(one.majorities.mean, 0.0);
        assert!(many.majorities.mean > 0.03, "a single node has one seat");
    }
}

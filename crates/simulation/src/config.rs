//! What is simulated, and how much of it.

use nosana_protocol::{
    dispute::terms::{
        DisputeTerms, MAX_COLLATERAL_RATIO, MAX_PANEL_FEE, MAX_PHASE, MIN_COLLATERAL_RATIO,
        MIN_PANEL_FEE, MIN_PHASE,
    },
    units::{BasisPoints, Seconds},
};

/// A way to split the colluders' weight, and the shares of it that are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Splitting {
    /// The number of nodes.
    pub nodes: u64,
    /// Shares with which strategies must not pay.
    pub protected: &'static [f64],
    /// Larger ones, for the drawings and to find the share from which a strategy pays.
    pub larger: &'static [f64],
}

/// Many nodes: strategies must not pay below a third of the weight.
pub const MANY_NODES: Splitting = Splitting {
    nodes: 10,
    protected: &[0.0, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.32, 0.33, 0.333],
    larger: &[0.34, 0.35, 0.37, 0.4, 0.5],
};
/// As few as can decide: two nodes have two seats of a panel more often than ten of the same weight.
pub const TWO_NODES: Splitting = Splitting {
    nodes: 2,
    protected: &[0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.31],
    larger: &[0.32, 0.33, 0.34, 0.35, 0.37, 0.4],
};
/// All of them.
pub const SPLITTINGS: [Splitting; 2] = [MANY_NODES, TWO_NODES];
/// Panel fees in basis points, with both bounds.
const PANEL_FEES: [u16; 5] = [MIN_PANEL_FEE.0, 3_500, 5_000, 10_000, MAX_PANEL_FEE.0];
/// Ratios of the collateral to the price, with both bounds.
const RATIOS: [u32; 7] = [MIN_COLLATERAL_RATIO, 20, 50, 100, 300, 1_000, MAX_COLLATERAL_RATIO];
/// Lengths of a phase, with both bounds.
const PHASES: [Seconds; 3] = [MIN_PHASE, Seconds(3_600), MAX_PHASE];

/// What is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimulationConfig {
    /// Panels that are drawn for each share of the weight.
    pub draws: u32,
    /// Jobs of the market with all kinds of agents.
    pub jobs: u32,
    /// Seed of all random numbers.
    pub seed: u64,
    /// The part of the results that clients check; that of `--check auto` if it is `None`.
    pub check_rate: Option<f64>,
}

impl Splitting {
    /// Returns all shares, from small to large.
    pub fn shares(self) -> impl Iterator<Item = f64> {
        self.protected.iter().chain(self.larger).copied()
    }
}

impl SimulationConfig {
    /// About a minute.
    pub const FULL: Self = Self { draws: 300_000, jobs: 2_000_000, seed: 1, check_rate: None };
    /// A few seconds.
    pub const QUICK: Self = Self { draws: 20_000, jobs: 400_000, ..Self::FULL };
}

/// Returns the terms of the sweep: all combinations of fees, ratios and phases.
pub fn swept_terms() -> Vec<DisputeTerms> {
    let mut all = Vec::new();
    for panel_fee in PANEL_FEES.map(BasisPoints) {
        for min_collateral_ratio in RATIOS {
            all.extend(PHASES.map(|phase| DisputeTerms { phase, panel_fee, min_collateral_ratio }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Listing;

    #[test]
    fn the_sweep_reaches_the_bounds_that_the_programs_enforce() {
        let all = swept_terms();
        assert!(all.iter().all(|terms| Listing::with_terms(*terms).is_ok()));
        let beyond = |change: fn(&mut DisputeTerms)| {
            let refused = all.iter().filter(|terms| {
                let mut changed = **terms;
                change(&mut changed);
                Listing::with_terms(changed).is_err()
            });
            refused.count() > 0
        };
        assert!(beyond(|terms| terms.panel_fee.0 -= 1) && beyond(|terms| terms.panel_fee.0 += 1));
        assert!(beyond(|terms| terms.phase.0 -= 1) && beyond(|terms| terms.phase.0 += 1));
        assert!(beyond(|terms| terms.min_collateral_ratio -= 1));
        assert!(beyond(|terms| terms.min_collateral_ratio += 1));
    }
}

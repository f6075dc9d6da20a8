//! Every strategy of coalitions, with all terms that a market may choose.

use fastrand::Rng;
use nosana_protocol::dispute::terms::DisputeTerms;
use rayon::prelude::*;
use serde::Serialize;

use crate::{
    coalition::{DEVIATIONS, Deviation, Drawn},
    config::{MANY_NODES, SPLITTINGS, SimulationConfig, Splitting, TWO_NODES, swept_terms},
    fault::Fault,
    listing::Listing,
    panels::{Estimate, Panels},
    population::Shares,
};

/// Apart enough that the random numbers of two shares have nothing in common.
const SEED_STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The documentation states gains with two decimals.
const STATED_PRECISION: f64 = 0.005;

/// The gain of a strategy with some terms.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Point {
    /// The panel fee, in basis points.
    pub panel_fee_bps: u16,
    /// The ratio of the collateral to the price.
    pub min_collateral_ratio: u32,
    /// The length of a phase.
    pub dispute_seconds: u64,
    /// The collateral, in panel fees.
    pub collateral_fees: f64,
    /// The part of the results that clients check.
    pub check_rate: f64,
    /// The number of the colluders' nodes.
    pub nodes: u64,
    /// Their share of the weight that responds.
    pub colluding: f64,
    /// The gain over honest play, as a part of the job's price.
    pub gain: Estimate,
    /// The most that it gains with this panel fee by the documentation, in prices; `None` if it
    /// must not pay.
    pub known_gain: Option<f64>,
}

/// What the sweep found about a strategy.
#[derive(Clone, Debug, Serialize)]
pub struct Swept {
    /// The strategy.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Its gain in each case, with protected shares.
    #[serde(skip)]
    pub points: Vec<Point>,
    /// The case in which it gains most, or loses least.
    pub best: Option<Point>,
    /// The case of the smallest share with which it pays.
    pub first: Option<Point>,
    /// The share from which it pays with the worst terms, for each of [`SPLITTINGS`].
    pub shares: [Option<f64>; 2],
    /// How many cases there are.
    pub cases: usize,
    /// Cases in which it pays.
    pub paying: usize,
    /// Cases in which the draws do not suffice to say.
    pub open: usize,
}

/// Draws the panels of each share.
///
/// # Errors
/// If a rule fails.
pub fn draw_shares(
    config: &SimulationConfig,
    observe: &(dyn Fn() + Sync),
) -> Result<Vec<Drawn>, Fault> {
    let cases: Vec<(Splitting, f64)> = SPLITTINGS
        .into_iter()
        .flat_map(|splitting| splitting.shares().map(move |share| (splitting, share)))
        .collect();
    let draw = |(index, (splitting, colluding)): (usize, &(Splitting, f64))| {
        let mut rng = Rng::with_seed(config.seed ^ (index as u64 + 1).wrapping_mul(SEED_STEP));
        let mut draw = |responding| {
            let shares = Shares { colluding: *colluding, sybils: splitting.nodes, responding };
            let panels = Panels::draw(shares, config.draws, &mut rng);
            observe();
            panels
        };

        let panels = draw(1.0)?;
        let withheld = draw(0.0)?;

        Ok(Drawn { splitting: *splitting, colluding: *colluding, panels, withheld })
    };
    cases.par_iter().enumerate().map(draw).collect()
}

/// How often [`draw_shares`] and [`sweep_terms`] report progress.
pub const STEPS: usize =
    2 * (count_shares(MANY_NODES) + count_shares(TWO_NODES)) + DEVIATIONS.len();

const fn count_shares(splitting: Splitting) -> usize {
    splitting.protected.len() + splitting.larger.len()
}

/// Computes the gain of every strategy, with all terms and all protected shares.
///
/// # Errors
/// If a rule fails.
pub fn sweep_terms(
    config: &SimulationConfig,
    drawn: &[Drawn],
    observe: &(dyn Fn() + Sync),
) -> Result<Vec<Swept>, Fault> {
    let mut listings = Vec::new();
    for terms in swept_terms() {
        listings.push(list_job(terms, config)?);
    }

    let sweep = |deviation: &Deviation| {
        let mut points = Vec::new();
        let mut shares = [None; 2];
        for listing in &listings {
            for drawn in drawn.iter().filter(|drawn| drawn.is_protected()) {
                points.push(evaluate(deviation, listing, drawn)?);
            }
            let found = deviation.find_shares(listing, drawn)?;
            for (least, share) in shares.iter_mut().zip(found) {
                *least = [*least, share].into_iter().flatten().min_by(f64::total_cmp);
            }
        }
        observe();

        Ok(Swept::with_points(deviation, points, shares))
    };
    DEVIATIONS.par_iter().map(sweep).collect()
}

/// Lists a job with these terms, checked as the configuration says.
///
/// # Errors
/// If the programs refuse the terms.
pub fn list_job(terms: DisputeTerms, config: &SimulationConfig) -> Result<Listing, Fault> {
    let listing = Listing::with_terms(terms)?;
    let check_rate = config.check_rate.unwrap_or(listing.check_rate);

    Ok(Listing { check_rate, ..listing })
}

/// Computes the gain of a strategy in one case.
///
/// # Errors
/// If a rule fails.
pub fn evaluate(deviation: &Deviation, listing: &Listing, drawn: &Drawn) -> Result<Point, Fault> {
    Ok(Point {
        panel_fee_bps: listing.terms.panel_fee.0,
        min_collateral_ratio: listing.terms.min_collateral_ratio,
        dispute_seconds: listing.terms.phase.0,
        collateral_fees: listing.collateral_fees(),
        check_rate: listing.check_rate,
        nodes: drawn.splitting.nodes,
        colluding: drawn.colluding,
        gain: deviation.gain(listing, drawn)?,
        known_gain: deviation.known_gain.map(|limit| limit(listing.terms.panel_fee)),
    })
}

impl Point {
    /// Returns by how much it gains more than the documentation says.
    fn measure_excess(&self) -> f64 {
        self.known_gain.map_or(0.0, |most| self.gain.mean - most)
    }
}

impl Swept {
    /// Returns the case that gains most beyond what the documentation says of its panel fee, if one
    /// does.
    pub fn find_excess(&self) -> Option<&Point> {
        let beyond = self.points.iter().filter(|point| point.measure_excess() > STATED_PRECISION);
        beyond.max_by(|a, b| a.measure_excess().total_cmp(&b.measure_excess()))
    }

    fn with_points(deviation: &Deviation, points: Vec<Point>, shares: [Option<f64>; 2]) -> Self {
        let Deviation { name, about, .. } = *deviation;
        let by_gain = |a: &&Point, b: &&Point| a.gain.mean.total_cmp(&b.gain.mean);

        let by_share = |a: &&Point, b: &&Point| a.colluding.total_cmp(&b.colluding);
        let pays = |point: &&Point| point.gain.is_gain();

        Self {
            name,
            about,
            best: points.iter().max_by(by_gain).copied(),
            first: points.iter().filter(pays).min_by(by_share).copied(),
            shares,
            cases: points.len(),
            paying: points.iter().filter(pays).count(),
            open: points
                .iter()
                .filter(|point| !point.gain.is_gain() && !point.gain.is_no_gain())
                .count(),
            points,
        }
    }
}

//! What a market owner chooses between: how often clients have to check, what a challenge costs, and
//! what share of the weight terms withstand.

use nosana_protocol::{
    dispute::{PANEL_SEATS, terms::DisputeTerms, votes::Verdict},
    units::{BasisPoints, Seconds},
};
use serde::Serialize;

use crate::{
    coalition::{DEVIATIONS, Deed, Deviation, Drawn, Trace},
    config::SimulationConfig,
    fault::Fault,
    hearing::{Ballot, hold_hearing},
    listing::Listing,
    panels::{Estimate, Panels},
    population::Panel,
    sketches::SHARED,
    sweep::list_job,
};

/// Panel fees and ratios of the table.
const CHOICES: [(u16, u32); 8] = [
    (2_500, 10),
    (2_500, 20),
    (2_500, 50),
    (5_000, 20),
    (5_000, 50),
    (10_000, 50),
    (10_000, 100),
    (20_000, 80),
];
/// Phase of the table: results do not depend on it.
const PHASE: Seconds = Seconds(3_600);

/// What follows from a choice of terms.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Choice {
    /// The panel fee, in basis points.
    pub panel_fee_bps: u16,
    /// The ratio of the collateral to the price.
    pub min_collateral_ratio: u32,
    /// The collateral, as a part of the price.
    pub collateral: f64,
    /// The collateral, in panel fees.
    pub collateral_fees: f64,
    /// The bond of a challenger, as a part of the price.
    pub bond: f64,
    /// The part of the results that `--check auto` checks.
    pub check_rate: f64,
    /// The share of the weight from which a client's false challenge pays, for each of
    /// [`SPLITTINGS`]; `None` if the largest share does not suffice.
    pub challenge_share: [Option<f64>; 2],
    /// The same for a node that cheats.
    pub cheating_share: [Option<f64>; 2],
}

/// Returns the table.
///
/// # Errors
/// If a rule fails.
pub fn list_choices(config: &SimulationConfig, drawn: &[Drawn]) -> Result<Vec<Choice>, Fault> {
    let choose = |(fee, ratio): (u16, u32)| {
        let listing = list_job(terms_of(fee, ratio), config)?;
        let share = |name| find_deviation(name).find_shares(&listing, drawn);

        Ok(Choice {
            panel_fee_bps: fee,
            min_collateral_ratio: ratio,
            collateral: listing.part_of_price(listing.stakes.collateral.0 as f64),
            collateral_fees: listing.collateral_fees(),
            bond: listing.part_of_price(listing.bond.0 as f64),
            check_rate: listing.check_rate,
            challenge_share: share("false challenge by the client")?,
            cheating_share: share("lazy node")?,
        })
    };
    CHOICES.into_iter().map(choose).collect()
}

/// Returns terms with this fee and ratio.
pub const fn terms_of(panel_fee_bps: u16, min_collateral_ratio: u32) -> DisputeTerms {
    DisputeTerms { phase: PHASE, panel_fee: BasisPoints(panel_fee_bps), min_collateral_ratio }
}

/// Returns the strategy of this name; the first one if it is none.
pub fn find_deviation(name: &str) -> &'static Deviation {
    let [first, ..] = &DEVIATIONS;
    DEVIATIONS.iter().find(|deviation| deviation.name == name).unwrap_or(first)
}

/// Returns how often a wrong result escapes: colluders help its node if they have two seats, or if
/// there are not two honest ones.
///
/// # Errors
/// If a rule fails.
pub fn escape_share(listing: &Listing, panels: &Panels) -> Result<Estimate, Fault> {
    panels.average(|panel| {
        let (is_lost, _) = dispute_wrong(listing, panel)?;

        Ok(if is_lost { 0.0 } else { 1.0 })
    })
}

/// Returns what a challenger gains by the dispute of a wrong result, as a part of the price.
///
/// # Errors
/// If a rule fails.
pub fn challenger_gain(listing: &Listing, panels: &Panels) -> Result<Estimate, Fault> {
    panels.average(|panel| Ok(dispute_wrong(listing, panel)?.1))
}

/// Returns whether the node of a wrong result loses before this panel, and what the challenger
/// gains.
fn dispute_wrong(listing: &Listing, panel: Panel) -> Result<(bool, f64), Fault> {
    let deed = Deed { is_right: false, trace: Trace::Shared };
    let helps = panel.honest < 2;
    let ballots: [Ballot; PANEL_SEATS] = std::array::from_fn(|seat| match seat {
        seat if seat < panel.honest => deed.honest_ballot(seat),
        seat if seat >= panel.honest + panel.colluding => Ballot::Vacant,
        _ if helps => Ballot::Cast(Verdict::Right, SHARED),
        _ => deed.honest_ballot(seat),
    });

    let hearing = hold_hearing(&ballots, Some(deed.trace.sketch()), listing.terms.phase)?;
    let payments = listing.stakes.pay_judgment(&hearing.judgment)?;
    let gain = payments.challenger.0 as f64 - listing.bond.0 as f64;

    Ok((hearing.judgment.outcome.is_nodes_loss(), listing.part_of_price(gain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_result_escapes_without_two_honest_panelists() {
        let listing = Listing::with_terms(terms_of(2_500, 20)).unwrap();
        let dispute = |honest, colluding| dispute_wrong(&listing, Panel { honest, colluding });
        assert_eq!(dispute(3, 0), Ok((true, 0.5)), "two fees");
        assert_eq!(dispute(2, 1), Ok((true, 0.5)));
        assert_eq!(dispute(1, 2), Ok((false, -0.75)), "two panelists and the node");
        assert_eq!(dispute(0, 3), Ok((false, -1.0)), "the bond");
        assert_eq!(dispute(1, 1), Ok((false, -0.25)));
        assert_eq!(dispute(1, 0), Ok((false, 0.0)), "neither paid nor fined");
    }
}

//! The strategies of coalitions, and which of them can pay, up to which gain, as
//! `docs/verification.md` states.

use nosana_protocol::units::{BasisPoints, WHOLE_BPS};

use super::{
    deviation::{Deviation, Occasion},
    response::{Deed, Trace},
    wealth::Coalition,
};

const NOBODY: Coalition = Coalition { node: false, client: false, challenger: false };
const RIGHT: Deed = Deed { is_right: true, trace: Trace::Work };
const GARBAGE: Deed = Deed { is_right: false, trace: Trace::Shared };
const SMALLER: Deed = Deed { is_right: false, trace: Trace::Work };

/// The panel fees that a false challenge wins whose content is withheld.
const WITHHELD_FEES: f64 = 5.0;
/// The escrow that it gets back: the price and the network's fee, in prices.
const ESCROW: f64 = 1.05;

/// Returns the most that a false challenge gains whose content is withheld, in prices. Two nodes
/// from two ninths of the weight on are candidates of every draw, and get this each time.
fn limit_withheld_gain(panel_fee: BasisPoints) -> f64 {
    WITHHELD_FEES * f64::from(panel_fee.0) / f64::from(WHOLE_BPS) + ESCROW
}

/// All strategies of coalitions.
pub const DEVIATIONS: [Deviation; 9] = [
    Deviation {
        name: "lazy node",
        about: "hands in garbage, at no cost, with a trace that its panelists know",
        coalition: Coalition { node: true, ..NOBODY },
        deed: GARBAGE,
        occasion: Occasion::Check,
        known_gain: None,
    },
    Deviation {
        name: "cheating node",
        about: "uses a smaller model, at no cost, whose sketch agrees with that of the work",
        coalition: Coalition { node: true, ..NOBODY },
        deed: SMALLER,
        occasion: Occasion::Check,
        known_gain: None,
    },
    Deviation {
        name: "self-challenge",
        about: "hands in garbage, and disputes it itself before the client can",
        coalition: Coalition { node: true, challenger: true, ..NOBODY },
        deed: GARBAGE,
        occasion: Occasion::OwnChallenge,
        known_gain: None,
    },
    Deviation {
        name: "own jobs",
        about: "lists, runs and disputes jobs of its own, to take from honest panelists",
        coalition: Coalition { node: true, client: true, challenger: true },
        deed: RIGHT,
        occasion: Occasion::OwnJob,
        known_gain: None,
    },
    Deviation {
        name: "own wrong jobs",
        about: "the same, with wrong results",
        coalition: Coalition { node: true, client: true, challenger: true },
        deed: GARBAGE,
        occasion: Occasion::OwnJob,
        known_gain: None,
    },
    Deviation {
        name: "false challenge",
        about: "disputes right results of honest nodes",
        coalition: Coalition { challenger: true, ..NOBODY },
        deed: RIGHT,
        occasion: Occasion::Challenge,
        known_gain: None,
    },
    Deviation {
        name: "false challenge by the client",
        about: "disputes right results of its own jobs, to get its escrow back",
        coalition: Coalition { client: true, challenger: true, ..NOBODY },
        deed: RIGHT,
        occasion: Occasion::Challenge,
        known_gain: None,
    },
    Deviation {
        name: "false challenge, content withheld",
        about: "the same, with a job that no honest panelist can read",
        coalition: Coalition { client: true, challenger: true, ..NOBODY },
        deed: RIGHT,
        occasion: Occasion::Withheld,
        known_gain: Some(limit_withheld_gain),
    },
    Deviation {
        name: "colluding panelists",
        about: "convict an honest node that a stranger accuses",
        coalition: NOBODY,
        deed: RIGHT,
        occasion: Occasion::Strange,
        known_gain: None,
    },
];

#[cfg(test)]
mod tests {
    use fastrand::Rng;
    use nosana_protocol::{dispute::terms::DisputeTerms, units::Seconds};

    use super::*;
    use crate::{
        coalition::Drawn,
        config::{MANY_NODES, Splitting, TWO_NODES},
        listing::Listing,
        panels::Panels,
        population::Shares,
    };

    const PAGE: &str = include_str!("../../../../docs/verification.md");

    /// What a false challenge gains where the colluders alone can read the job.
    fn withheld_gain(panel_fee: u16, ratio: u32, splitting: Splitting, colluding: f64) -> f64 {
        let terms = DisputeTerms {
            phase: Seconds(600),
            panel_fee: BasisPoints(panel_fee),
            min_collateral_ratio: ratio,
        };
        let shares = Shares { colluding, sybils: splitting.nodes, responding: 0.0 };
        let withheld = Panels::draw(shares, 4_000, &mut Rng::with_seed(1)).unwrap();
        let drawn = Drawn { splitting, colluding, panels: Panels::default(), withheld };

        let named = |deviation: &&Deviation| deviation.known_gain.is_some();
        let deviation = DEVIATIONS.iter().find(named).unwrap();
        deviation.gain(&Listing::with_terms(terms).unwrap(), &drawn).unwrap().mean
    }

    /// Five panel fees, and the escrow of 1.05 prices: the page's table is recomputed.
    #[test]
    fn a_challenge_without_content_gains_what_the_page_says() {
        for (fee, name) in
            [(2_500, "2,500"), (5_000, "5,000"), (10_000, "10,000"), (20_000, "20,000")]
        {
            let most = withheld_gain(fee, 10, TWO_NODES, 0.25);
            assert!((most - limit_withheld_gain(BasisPoints(fee))).abs() < 1e-9, "{most}");
            assert!((most - withheld_gain(fee, 300, TWO_NODES, 0.25)).abs() < 1e-9, "any ratio");

            let start = format!("| {name} | {most:.2} | ");
            let row = PAGE.lines().find(|line| line.starts_with(&start)).expect(&start);
            let cells = row.split('|').skip(3).map(|cell| cell.trim().parse::<f64>());
            let stated: Vec<f64> = cells.take(2).map(Result::unwrap).collect();
            for (colluding, stated) in [0.15, 0.05].into_iter().zip(stated) {
                let gain = withheld_gain(fee, 10, MANY_NODES, colluding);
                // Of 4,000 draws, the share of those that are won is within 0.03.
                let tolerance = 0.03 * (most + 2.0 * f64::from(fee) / 10_000.0);
                assert!((gain - stated).abs() < tolerance, "{name}: {gain}, {stated}");
            }
        }
    }
}

//! What a simulation found.

use serde::Serialize;

use crate::{
    agents::{Earned, Kind},
    bounds::Bound,
    choices::Choice,
    plots::Plot,
    sweep::{Point, Swept},
    turnout::{Escape, Split},
};

/// What a simulation found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Panels that were drawn for each share of the weight.
    pub draws: u32,
    /// Jobs of the market with all kinds of agents.
    pub jobs: u32,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The part of the results that clients check, if it was given.
    pub check_rate: Option<f64>,
    /// Claims that hold whatever is drawn.
    pub bounds: Vec<Bound>,
    /// Strategies of coalitions.
    pub strategies: Vec<Swept>,
    /// The market with all kinds of agents.
    pub agents: Vec<Earned>,
    /// What a market owner chooses between.
    pub choices: Vec<Choice>,
    /// Wrong results that escape.
    pub escapes: Vec<Escape>,
    /// Colluders who split their weight.
    pub splits: Vec<Split>,
    /// Drawings.
    pub plots: Vec<Plot>,
}

/// A strategy that pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The strategy.
    pub strategy: &'static str,
    /// With which terms, and how much.
    pub detail: String,
    /// Whether the documentation says that it can pay there.
    pub is_known: bool,
}

impl Report {
    /// Returns every strategy that pays within the bounds that the programs enforce.
    pub fn list_failures(&self) -> Vec<Failure> {
        let broken = self.bounds.iter().filter(|bound| !bound.holds()).map(|bound| Failure {
            strategy: bound.name,
            detail: format!(
                "gains {} panel fees in one of {} cases, more than {}",
                bound.most_fees, bound.cases, bound.allowed_fees
            ),
            is_known: false,
        });
        let strategies = self.strategies.iter().filter_map(|swept| {
            let detail = describe(&swept.first?);
            Some(Failure { strategy: swept.name, detail, is_known: swept.can_pay })
        });
        let agents = self.agents.iter().filter_map(|earned| {
            let gain = earned.gain.filter(|gain| gain.is_gain())?;
            let detail = format!(
                "gains {:.1} % of the price for each {}, in a market with all kinds of agents",
                gain.mean * 100.0,
                earned.kind.occasion()
            );
            let is_known = earned.kind.can_pay();
            Some(Failure { strategy: earned.kind.name(), detail, is_known })
        });
        broken.chain(strategies).chain(agents).collect()
    }
}

/// Describes a case in which a strategy pays.
fn describe(point: &Point) -> String {
    format!(
        "gains {} of the price (± {}) with panel_fee_bps {}, min_collateral_ratio {}, \
         dispute_seconds {}, {:.1} % of the weight in {} nodes, {:.2} % of the results checked",
        format_percent(point.gain.mean),
        format_percent(point.gain.error),
        point.panel_fee_bps,
        point.min_collateral_ratio,
        point.dispute_seconds,
        point.colluding * 100.0,
        point.nodes,
        point.check_rate * 100.0
    )
}

/// Formats a share as percent, with two digits that are not zero, or two decimals.
fn format_percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = if percent == 0.0 { 2.0 } else { 1.0 - percent.abs().log10().floor() };
    format!("{percent:.*} %", decimals.clamp(2.0, 9.0) as usize)
}

impl Kind {
    /// Returns true if the documentation says that this strategy can pay.
    const fn can_pay(self) -> bool {
        match self {
            // Nobody disputes a right result; two colluders decide alone; and who does not check
            // leaves it to others.
            Self::CopyingNode | Self::ColludingPanelist | Self::NeverCheckingClient => true,
            Self::HonestNode
            | Self::LazyNode
            | Self::CheatingNode
            | Self::HonestClient
            | Self::GriefingClient
            | Self::HonestPanelist
            | Self::LazyPanelist
            | Self::AbsentPanelist
            | Self::Fisherman => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_gains_are_not_rounded_to_zero() {
        let texts = [0.0, 1.3788, 0.0236, 0.000_029_1].map(format_percent);
        assert_eq!(texts, ["0.00 %", "137.88 %", "2.36 %", "0.0029 %"]);
    }
}

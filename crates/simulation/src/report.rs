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
    /// Whether the documentation says that it can pay there, and as much.
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
        let strategies = self.strategies.iter().filter_map(judge_strategy);
        let agents = self.agents.iter().filter_map(|earned| {
            let gain = earned.gain.filter(|gain| gain.is_gain())?;
            let known_gain = earned.kind.known_gain();
            let detail = format!(
                "gains {:.1} % of the price for each {}, in a market with all kinds of agents{}",
                gain.mean * 100.0,
                earned.kind.occasion(),
                describe_excess(gain.mean, known_gain)
            );
            let is_known = is_within(gain.mean, known_gain);
            Some(Failure { strategy: earned.kind.name(), detail, is_known })
        });
        broken.chain(strategies).chain(agents).collect()
    }
}

/// Returns the failure of a strategy that pays somewhere: the smallest share with which it pays, or
/// the case in which it gains most beyond what is known of the panel fee.
fn judge_strategy(swept: &Swept) -> Option<Failure> {
    let first = swept.first?;
    let beyond = swept.find_excess();
    let is_known = first.known_gain.is_some() && beyond.is_none();

    let shown = beyond.unwrap_or(&first);
    let excess = beyond.map(|point| describe_excess(point.gain.mean, point.known_gain));
    let detail = format!("{}{}", describe(shown), excess.unwrap_or_default());
    Some(Failure { strategy: swept.name, detail, is_known })
}

fn is_within(gain: f64, known_gain: Option<f64>) -> bool {
    known_gain.is_some_and(|most| gain <= most)
}

/// Describes a gain that is larger than the known one, if there is one.
fn describe_excess(gain: f64, known_gain: Option<f64>) -> String {
    let exceeded = known_gain.filter(|most| gain > *most);
    let more = |most| format!(", more than the known {}", format_percent(most));
    exceeded.map(more).unwrap_or_default()
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
    /// Returns the most that this strategy gains by the documentation, as a part of the price;
    /// `None` if it must not pay.
    const fn known_gain(self) -> Option<f64> {
        match self {
            // Nobody disputes a right result: it saves its work, 0.6, and loses to griefers.
            Self::CopyingNode => Some(0.35),
            // Two colluders decide alone, without the work of a check, which costs 0.1.
            Self::ColludingPanelist => Some(0.06),
            // Others check: it saves 6.8 % of the checks.
            Self::NeverCheckingClient => Some(0.01),
            Self::HonestNode
            | Self::LazyNode
            | Self::CheatingNode
            | Self::HonestClient
            | Self::GriefingClient
            | Self::HonestPanelist
            | Self::LazyPanelist
            | Self::AbsentPanelist
            | Self::Fisherman => None,
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

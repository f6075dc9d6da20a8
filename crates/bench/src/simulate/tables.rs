//! The figures of a simulation in tables.

use nosana_simulation::{
    agents::Earned,
    bounds::Bound,
    choices::Choice,
    panels::{CONFIDENCE_ERRORS, Estimate},
    report::Report,
    sweep::Swept,
    turnout::RESPONDING,
};

use crate::format::format_thousands;

/// A table: the first column names its rows.
pub struct Table {
    pub title: &'static str,
    pub about: &'static str,
    pub heading: Vec<&'static str>,
    /// Columns that are aligned left.
    pub text_columns: &'static [usize],
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns the heading and the rows.
    pub fn to_rows(&self) -> Vec<Vec<String>> {
        let heading = self.heading.iter().map(|cell| (*cell).to_owned()).collect();
        std::iter::once(heading).chain(self.rows.iter().cloned()).collect()
    }
}

/// Describes how certain the figures are.
pub fn describe_confidence(report: &Report) -> String {
    format!(
        "The first table tries every case. The others follow from {} drawn panels for each share \
         of the weight, and from {} jobs: a gain is reported only if it is {CONFIDENCE_ERRORS} \
         standard errors above zero.",
        format_thousands(report.draws),
        format_thousands(report.jobs)
    )
}

/// Returns all tables, in the order of the report.
pub fn list_tables(report: &Report) -> [Table; 6] {
    [
        list_bounds(&report.bounds),
        list_strategies(&report.strategies),
        list_agents(&report.agents),
        list_choices(&report.choices),
        list_escapes(report),
        list_splits(report),
    ]
}

fn list_bounds(bounds: &[Bound]) -> Table {
    let row = |bound: &Bound| {
        vec![
            bound.name.to_owned(),
            bound.about.to_owned(),
            format_thousands(bound.cases as u64),
            format_signed(bound.most_fees, 1),
            if bound.holds() { "holds" } else { "fails" }.to_owned(),
        ]
    };
    Table {
        title: "Before a panel with two honest nodes",
        about: "Claims that hold whatever is drawn. Every case is tried: all terms, all that the \
                node can have done, and all that the third panelist can say. Gains are in panel \
                fees.",
        heading: vec!["", "claim", "cases", "largest gain", ""],
        text_columns: &[1],
        rows: bounds.iter().map(row).collect(),
    }
}

fn list_strategies(strategies: &[Swept]) -> Table {
    let row = |swept: &Swept| {
        let best = swept.best.map_or(Estimate::default(), |point| point.gain);
        let mut cells = vec![swept.name.to_owned()];
        cells.extend(swept.shares.map(format_share));
        cells.push(format_parts(best.mean));
        cells.push(format!("{} of {}", swept.paying, swept.cases));
        cells.push(swept.open.to_string());
        cells
    };
    Table {
        title: "Strategies of colluders, with all terms that a market may choose",
        about: "The share of the weight from which a strategy pays, with the worst terms within \
                the bounds, if the colluders split it among ten nodes, or among two. The gain over \
                honest play is the largest of all cases below a third of the weight in ten nodes, \
                and up to 31 % in two, in parts of the job's price. In open cases the draws do not \
                suffice to say.",
        heading: vec!["", "pays from", "in two nodes", "largest gain", "pays in", "open"],
        text_columns: &[],
        rows: strategies.iter().map(row).collect(),
    }
}

fn list_agents(agents: &[Earned]) -> Table {
    let row = |earned: &Earned| {
        vec![
            earned.kind.name().to_owned(),
            earned.kind.occasion().to_owned(),
            format_thousands(earned.events),
            format_estimate(earned.profit),
            earned.gain.map(format_estimate).unwrap_or_default(),
        ]
    };
    Table {
        title: "A market with all kinds of agents",
        about: "Profit for each job, seat or check, and what it is more than that of honest \
                agents, in parts of the job's price, with a standard error.",
        heading: vec!["", "for each", "events", "profit", "more than honest"],
        text_columns: &[1],
        rows: agents.iter().map(row).collect(),
    }
}

fn list_choices(choices: &[Choice]) -> Table {
    let row = |choice: &Choice| {
        let mut cells = vec![
            format!("{} bps, ratio {}", choice.panel_fee_bps, choice.min_collateral_ratio),
            format_parts(choice.collateral),
            format!("{:.0}", choice.collateral_fees),
            format_parts(choice.bond),
            format!("{:.2} %", choice.check_rate * 100.0),
        ];
        cells.push(format_shares(choice.cheating_share));
        cells.push(format_shares(choice.challenge_share));
        cells
    };
    Table {
        title: "Choosing terms",
        about: "Collateral and bond in parts of the job's price, the checks of --check auto, and \
                the shares of the weight from which cheating, and a client's false challenge, pay \
                if the colluders split it among ten nodes, or among two.",
        heading: vec![
            "panel fee, collateral",
            "collateral",
            "in fees",
            "bond",
            "checks",
            "cheating pays from",
            "challenge pays from",
        ],
        text_columns: &[],
        rows: choices.iter().map(row).collect(),
    }
}

fn list_escapes(report: &Report) -> Table {
    let shares = [0.0, 0.05, 0.15, 0.3];
    let row = |responding: f64| {
        let mut cells = vec![format!("{:.0} %", responding * 100.0)];
        for share in shares {
            let found = report
                .escapes
                .iter()
                .find(|escape| escape.responding == responding && escape.colluding == share);
            cells.push(found.map_or(String::new(), |it| format!("{:.1} %", it.share.mean * 100.0)));
        }
        cells
    };
    Table {
        title: "Wrong results that escape a dispute",
        about: "By the part of the honest nodes that responds to a draw, and by the colluders' \
                share of the weight. --check auto counts with 30 %.",
        heading: vec!["respond", "no colluders", "5 %", "15 %", "30 %"],
        text_columns: &[],
        rows: RESPONDING.into_iter().map(row).collect(),
    }
}

fn list_splits(report: &Report) -> Table {
    let splits = report.splits.iter().map(|split| {
        let seats = Estimate {
            mean: split.seats.mean / 3.0 * 100.0,
            error: split.seats.error / 3.0 * 100.0,
        };
        let majorities = split.majorities.mean * 100.0;
        vec![
            split.nodes.to_string(),
            format!("{:.1} ± {:.1} %", seats.mean, seats.error),
            format!("{majorities:.1} %"),
        ]
    });
    Table {
        title: "15 % of the weight, split among nodes",
        about: "Its part of the seats, and of the panels of which it has two seats or more.",
        heading: vec!["nodes", "seats", "majorities"],
        text_columns: &[],
        rows: splits.collect(),
    }
}

/// Formats a share of the weight; `–` if none pays.
fn format_share(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Formats the shares for each way to split the weight.
fn format_shares(shares: [Option<f64>; 2]) -> String {
    let numbers =
        shares.map(|share| share.map_or("–".to_owned(), |share| format!("{:.1}", share * 100.0)));
    format!("{} %", numbers.join(" / "))
}

/// Formats a part of the price: `0.15`, `1,234`.
fn format_parts(parts: f64) -> String {
    if parts.abs() < 100.0 {
        return format_signed(parts, 2);
    }
    let sign = if parts < 0.0 { "−" } else { "" };
    format!("{sign}{}", format_thousands(parts.abs().round() as u64))
}

fn format_signed(number: f64, decimals: usize) -> String {
    let sign = if number < 0.0 { "−" } else { "" };
    format!("{sign}{:.decimals$}", number.abs())
}

fn format_estimate(estimate: Estimate) -> String {
    format!("{} ± {:.3}", format_signed(estimate.mean, 3), estimate.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!(format_parts(0.1499), "0.15");
        assert_eq!(format_parts(-2.5), "−2.50");
        assert_eq!(format_parts(-12_345.6), "−12,346");
        assert_eq!(format_share(Some(0.125)), "12.5 %");
        assert_eq!(format_share(None), "–");
        let estimate = Estimate { mean: -0.7504, error: 0.0021 };
        assert_eq!(format_estimate(estimate), "−0.750 ± 0.002");
    }
}

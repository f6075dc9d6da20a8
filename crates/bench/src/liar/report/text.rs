//! The report as text, for terminals and logs.

use super::{
    CaseReport, LiarReport,
    tables::{self, ReportTable, name_case},
};

/// Renders the whole report.
pub fn render_text(report: &LiarReport) -> String {
    let clock = format!(
        "Votes, and bits in which sketches differ (up to 24 agree); the network's clock was \
         advanced by {} s",
        report.sum_advances()
    );
    let table = |table: ReportTable| table.to_text();
    let sections = [
        ("Who was caught, and how".to_owned(), list_findings(report)),
        (clock, table(tables::build_votes(report))),
        ("Payments of each dispute, in NOS".to_owned(), table(tables::build_ledger(report))),
        (
            "What everybody gained and lost, in NOS".to_owned(),
            table(tables::build_balances(report)),
        ),
        ("Checks".to_owned(), list_checks(report)),
    ];

    let sections: String =
        sections.iter().map(|(title, body)| format!("\n{title}\n\n{body}")).collect();
    report.problems.iter().fold(sections, |text, problem| text + &format!("\nRetried: {problem}\n"))
}

/// Lists the cases, three lines each: a table would be too wide.
fn list_findings(report: &LiarReport) -> String {
    let describe = |case: &CaseReport| {
        let fault = match case.faults.is_empty() {
            true => "its result is right".to_owned(),
            false => case.faults.join("; "),
        };
        format!(
            "  {}: {}\n    the node {}; {fault}\n    the {} {}\n",
            name_case(case),
            case.outcome,
            case.behavior.describe(),
            case.challenger,
            case.behavior.challenger().describe(),
        )
    };
    report.cases.iter().map(describe).collect()
}

fn list_checks(report: &LiarReport) -> String {
    report.checks.iter().fold(String::new(), |text, check| {
        let sign = if check.holds { "✔" } else { "✘" };
        text + &format!("  {sign} {}: {}\n", check.claim, check.detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liar::report::sample::sample_report;

    #[test]
    fn the_text_contains_the_figures_of_the_page() {
        let text = render_text(&sample_report());
        for line in [
            "  1 garbage: convicted",
            "the network's clock was advanced by 600 s",
            "  taken                              18.558620",
            "  paid, or burnt                     18.558620",
            "  client            +0.185550   +0.185550  100,000.185550",
            "  burnt            +15.886700  +15.886700",
            "  ✔ one is one: 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}

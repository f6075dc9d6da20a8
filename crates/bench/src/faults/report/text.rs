//! The report as text, for terminals and logs.

use super::{FaultsReport, tables};

/// Renders the whole report, without the table of single jobs.
pub fn render_text(report: &FaultsReport) -> String {
    let checks = report.checks.iter().fold(String::new(), |text, check| {
        let sign = if check.holds { "✔" } else { "✘" };
        text + &format!("  {sign} {}: {}\n", check.claim, check.detail)
    });
    let sections = [
        ("What became of the jobs", tables::build_counts(report).render_text()),
        ("The node", tables::build_node(report).render_text()),
        ("Money", tables::build_money(report).render_text()),
        ("Balances, in NOS", tables::build_balances(report).render_text()),
        ("Checks", checks),
    ];

    sections.iter().map(|(title, body)| format!("\n{title}\n\n{body}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::report::sample::sample_report;

    #[test]
    fn the_text_contains_the_figures_of_the_page() {
        let text = render_text(&sample_report());
        for line in [
            "  completed and paid                   1",
            "  lost                                 0",
            "  restart to work, median                        1.50 s",
            "  deposits, less all payments         0",
            "  ✔ one is one: 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}

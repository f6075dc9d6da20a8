//! The report as an HTML page: one file without scripts.

use super::{CaseReport, LiarReport, bits, course, tables};
use crate::{
    format::{format_change, format_nos, format_thousands},
    html::{
        render_document, render_figures, render_section, render_title,
        tables::{render_checks, render_facts},
    },
};

const TITLE: &str = "Nosana demo: nodes that cheat";

/// Renders the page.
pub fn render_page(report: &LiarReport) -> String {
    let findings = tables::build_findings(report).to_html();
    let votes = bits::render_bits(report) + &tables::build_votes(report).to_html();
    let sections = [
        render_section(
            "Who was caught, and how",
            "Every result was disputed on the real programs, and judged by a panel of three nodes.",
            &format!("<div class=\"wrapped\">{findings}</div>"),
        ),
        render_section("Time", &describe_time(report), &course::render_course(report)),
        render_section(
            "Votes and sketches",
            "A sketch is made of values inside the model, which no result contains. A node commits \
             to its sketch with the result, and panelists to theirs before they see it.",
            &votes,
        ),
        render_section(
            "Payments of each dispute",
            "What is taken from the client, the challenger and the stake of a node that lost is \
             what is paid, to the base unit.",
            &tables::build_ledger(report).to_html(),
        ),
        render_section(
            "What everybody gained and lost",
            "The payments of the five disputes explain every balance.",
            &tables::build_balances(report).to_html(),
        ),
        render_section(
            "Checks",
            "All checks must hold for the demo to succeed.",
            &render_checks(&report.checks),
        ),
        render_section("Setting", "The environment of this demo.", &render_setting(report)),
    ];

    let lead = "Four nodes submitted results that they did not compute as their jobs require; a \
                fifth worked. Panelists, fisherman and the honest node run the worker of \
                `nosana node run`.";
    let body =
        [render_title(TITLE, lead, &report.checks), render_tiles(report), sections.join("\n")];
    render_document(TITLE, &body.join("\n"))
}

fn render_tiles(report: &LiarReport) -> String {
    let cheats =
        report.cases.iter().filter(|case| case.behavior.expected_outcome().is_nodes_loss());
    let caught = report.cases.iter().filter(|case| tables::is_caught(case)).count();
    let sum = |part: fn(&CaseReport) -> i128| report.cases.iter().map(part).sum::<i128>();
    let change = |part: fn(&CaseReport) -> i128| format!("{} NOS", format_change(sum(part)));
    let taken: u64 = report.cases.iter().map(|case| case.money.collateral).sum();
    let burned: u64 = report.cases.iter().map(|case| case.money.burned).sum();

    render_figures(&[
        ("cheating nodes that lost", format!("{caught} of {}", cheats.count())),
        ("taken from their stakes", format!("{} NOS", format_nos(taken))),
        ("of that, burnt", format!("{} NOS", format_nos(burned))),
        ("the client, beyond its deposits", change(|case| case.money.client_change())),
        ("challengers, beyond their bonds", change(|case| case.money.challenger_change())),
        ("the clock was advanced by", format!("{} s", report.sum_advances())),
    ])
}

fn describe_time(report: &LiarReport) -> String {
    let advances: Vec<String> = report
        .advances
        .iter()
        .map(|advance| format!("{} s for {}", advance.seconds, advance.reason))
        .collect();
    format!(
        "In seconds of this machine’s clock. Phases of a dispute are as long as the timeout of \
         its job, {} s. So that nobody has to wait, the clock of the network was advanced where \
         the lines are: {}. A real network needs that time.",
        report.setting.timeout_seconds,
        advances.join(", then "),
    )
}

fn render_setting(report: &LiarReport) -> String {
    let setting = &report.setting;
    let per_hour = format_nos(u128::from(setting.price_per_second) * 3_600);
    let timings: Vec<_> =
        report.timings.iter().map(|(part, seconds)| format!("{part} {seconds:.1} s")).collect();
    let problems =
        if report.problems.is_empty() { "nothing".to_owned() } else { report.problems.join("; ") };

    let seconds = setting.timeout_seconds;
    let jobs: Vec<String> =
        report.cases.iter().map(|case| format!("{} {}", case.number, case.job)).collect();
    render_facts(&[
        ("device of all nodes", setting.device.clone()),
        ("network", format!("local, one block every {} ms", setting.slot_ms)),
        ("clock", format!("advanced by {} s in all", format_thousands(report.sum_advances()))),
        ("price", format!("{per_hour} NOS per hour")),
        ("network fee", format!("{} basis points", setting.network_fee_bps)),
        ("timeout, window and phase", format!("{seconds} s each, the shortest for such jobs")),
        ("collateral of a job", format!("{} NOS", format_nos(setting.collateral))),
        ("jobs", jobs.join(", ")),
        ("retried", problems),
        ("duration", timings.join(", ")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{html::self_contained::check_self_contained, liar::report::sample::sample_report};

    #[test]
    fn the_page_is_self_contained_and_says_that_the_clock_was_advanced() {
        let page = render_page(&sample_report());
        check_self_contained(&page).unwrap();
        assert!(page.contains("the clock of the network was advanced"), "{page}");
        assert!(page.contains("600 s for the rest of the seating"), "{page}");
        assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
        assert_eq!(page.matches("<svg").count(), 2);
    }

    #[test]
    fn texts_cannot_break_the_page() {
        let mut report = sample_report();
        report.cases[0].faults = vec!["<script>alert(1)</script>".to_owned()];
        report.problems = vec!["<b>".to_owned()];
        let page = render_page(&report);
        assert!(!page.contains("<script") && page.contains("&lt;b&gt;"), "{page}");
    }
}

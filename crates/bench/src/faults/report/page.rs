//! The report as an HTML page: one file without scripts.

use super::{FaultsReport, tables};
use crate::{
    format::{format_nos, format_seconds},
    html::{
        render_document, render_figures, render_section, render_title,
        tables::{render_checks, render_facts},
    },
};

const TITLE: &str = "Nosana faults: a node that is killed at random";

/// Renders the page.
pub fn render_page(report: &FaultsReport) -> String {
    let sections = [
        render_section(
            "Time",
            "The state of each job on the chain, in seconds since the first one. Dashed lines are \
             kills of the node, with their numbers; it was started again at once.",
            &report.course.render_svg(),
        ),
        render_section(
            "What became of the jobs",
            "Read from accounts and transactions after the last job had ended.",
            &tables::build_counts(report).render_html(""),
        ),
        render_section(
            "The node",
            "The time from a restart to the first job that the chain shows as taken, started or \
             finished by the node. A job that ran before the kill shows when its result arrives.",
            &tables::build_node(report).render_html(""),
        ),
        render_section(
            "Money",
            "Deposits must equal pay, fees and refunds, to the base unit.",
            &(tables::build_money(report).render_html("")
                + &tables::build_balances(report).render_html("Balances in NOS")),
        ),
        render_section(
            "Jobs",
            "A job that is not lost has one settlement. Amounts in NOS.",
            &tables::build_jobs(report).render_html(""),
        ),
        render_section(
            "Checks",
            "All checks must hold for the trial to succeed. No time fails it.",
            &render_checks(&report.checks),
        ),
        render_section("Setting", "The environment of this trial.", &render_setting(report)),
    ];

    let lead = "A client kept jobs open in a market on a local network. The node, `nosana node \
                run` in a process of its own, was ended by SIGKILL at random moments.";
    let body =
        [render_title(TITLE, lead, &report.checks), render_tiles(report), sections.join("\n")];
    render_document(TITLE, &body.join("\n"))
}

fn render_tiles(report: &FaultsReport) -> String {
    let counts = &report.counts;
    let median = report.recovery.percentile(50).map_or_else(|| "–".to_owned(), format_seconds);
    render_figures(&[
        ("kills", report.node.kills.to_string()),
        ("jobs posted", counts.posted.to_string()),
        ("jobs completed", counts.completed.to_string()),
        ("jobs lost", counts.lost.to_string()),
        ("jobs paid twice", counts.paid_twice.to_string()),
        ("restart to work, median", format!("{median} s")),
    ])
}

fn render_setting(report: &FaultsReport) -> String {
    let setting = &report.setting;
    let per_hour = format_nos(u128::from(setting.price_per_second) * 3_600);
    let timings: Vec<_> =
        report.timings.iter().map(|(part, seconds)| format!("{part} {seconds:.1} s")).collect();

    render_facts(&[
        ("time of kills", format!("{:.0} s", setting.seconds)),
        ("mean life of the node", format!("{:.0} s, exponential", setting.mean_life_seconds)),
        ("seed", setting.seed.to_string()),
        ("jobs", format!("{}, {} open", setting.work.describe(), setting.jobs_in_flight)),
        ("slots of the node", setting.slots.to_string()),
        ("network", format!("local, one block every {} ms", setting.slot_ms)),
        ("price", format!("{per_hour} NOS per hour")),
        ("network fee", format!("{} basis points", setting.network_fee_bps)),
        ("timeout of a job", format!("{} s", setting.timeout_seconds)),
        ("duration", timings.join(", ")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        faults::report::sample::sample_report, html::self_contained::check_self_contained,
    };

    #[test]
    fn the_page_is_self_contained() {
        let page = render_page(&sample_report());
        check_self_contained(&page).unwrap();
        assert!(page.contains("jobs lost</dt><dd>0</dd>"), "{page}");
        assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
        assert_eq!(page.matches("<svg").count(), 1);
    }
}

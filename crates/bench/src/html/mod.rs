//! The report as an HTML page: one file without scripts, light or dark as the reader's system is.
//!
//! | file | purpose |
//! | --- | --- |
//! | `timeline`, `bars` | drawings: stages of the jobs, compute units |
//! | `series`, [`stacks`] | drawings: bars of several series, bars of stacked parts |
//! | [`self_contained`] | whether a page loads or runs nothing |
//! | `palette` | the colors of drawings that a library makes |
//! | `tables` | tables and lists |
//! | `elements` | escaping, and the table element |
//! | `style.css` | the style sheet |

pub(crate) mod bars;
pub mod elements;
mod palette;
pub mod self_contained;
pub(crate) mod series;
pub mod stacks;
pub(crate) mod tables;
#[cfg(test)]
mod tests;
pub(crate) mod timeline;

use std::{fs, path::Path};

use anyhow::{Context, Result};
use nosana_engine::DeviceKind;

use self::elements::escape_html;
use crate::{
    checks::Check,
    compute,
    format::{format_difference, format_nos, format_percent, format_seconds, format_thousands},
    report::DemoReport,
};

/// The style sheet.
const STYLE: &str = include_str!("style.css");

/// Writes `index.html` and `demo.json` into a folder.
///
/// # Errors
/// If a file cannot be written.
pub fn write_report(report: &DemoReport, folder: &Path) -> Result<()> {
    let json = serde_json::to_vec_pretty(report).context("cannot write the report as JSON")?;
    let page = render_page(report).into_bytes();

    for (name, bytes) in [("demo.json", json), ("index.html", page)] {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }

    Ok(())
}

/// Renders the page.
pub fn render_page(report: &DemoReport) -> String {
    let compute = bars::render_bars(&report.compute) + &tables::render_costs(report);
    let sections = [
        render_section(
            "Time",
            "The stages of each job, from the client's transaction to the payment.",
            &render_timeline(report),
        ),
        render_section(
            "Jobs",
            "Point at a row for its texts and addresses.",
            &tables::render_jobs(report),
        ),
        render_section(
            "Answers",
            "Each job embeds texts, and answers a question.",
            &tables::render_answers(report),
        ),
        render_section("Compute units", &describe_compute(report), &compute),
        render_section(
            "Balances",
            &describe_balances(report),
            &tables::render_balances(&report.balances),
        ),
        render_section(
            "Checks",
            "All checks must hold for the demo to succeed.",
            &tables::render_checks(&report.checks),
        ),
        render_section("Setting", "The environment of this demo.", &tables::render_setting(report)),
    ];

    let body = [render_header(report), render_tiles(report), sections.join("\n")].join("\n");
    render_document(&page_title(report), &body)
}

/// Renders a page with this content and the style sheet.
pub fn render_document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {body}\n\
         </main>\n</body>\n</html>\n",
        title = escape_html(title),
    )
}

fn page_title(report: &DemoReport) -> String {
    let count = report.jobs.len();
    let noun = if count == 1 { "job" } else { "jobs" };
    format!("Nosana demo: {count} inference {noun}, paid on chain")
}

fn render_header(report: &DemoReport) -> String {
    let hardware = &report.setting.hardware;
    let substitute = match hardware.kind {
        DeviceKind::Software => ", a software renderer in place of a GPU",
        DeviceKind::Discrete | DeviceKind::Integrated | DeviceKind::Cpu => "",
    };
    let lead = format!(
        "A client listed jobs in a market on a local network. A node ran them through {} on \
         {}{substitute}, committed to their results and was paid by the second. Then the \
         network’s fee was paid to its stakers.",
        hardware.backend, hardware.device,
    );

    render_title(&page_title(report), &lead, &report.checks)
}

/// Renders the header of a page: title, lead, and whether all checks hold.
pub(crate) fn render_title(title: &str, lead: &str, checks: &[Check]) -> String {
    let total = checks.len();
    let failed = checks.iter().filter(|check| !check.holds).count();
    let verdict = match failed {
        0 => format!("<p class=\"verdict good\">✔ All {total} checks hold</p>"),
        _ => format!("<p class=\"verdict bad\">✘ {failed} of {total} checks fail</p>"),
    };

    format!(
        "<header>\n<h1>{}</h1>\n<p>{}</p>\n{verdict}\n</header>",
        escape_html(title),
        escape_html(lead)
    )
}

fn render_tiles(report: &DemoReport) -> String {
    let (paid, fees) = report.sum_payments();
    let (units, predecessor) = compute::sum_whole_job(&report.compute);
    let total = format_seconds(report.median_total_ms());
    let difference = format_difference(report.recomputed.max_difference);
    let tiles = [
        ("median job, listed to paid", format!("{total} s")),
        ("compute units per job", format_thousands(units)),
        ("of the predecessor’s", format_percent(units, predecessor)),
        ("NOS earned by the node", format_nos(paid)),
        ("NOS of fees, paid to stakers", format_nos(fees)),
        ("difference when recomputed", difference),
    ];

    render_figures(&tiles)
}

/// Renders figures with their names.
pub fn render_figures(figures: &[(&str, String)]) -> String {
    let tile = |(name, value): &(&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>", escape_html(name), escape_html(value))
    };
    let tiles: Vec<String> = figures.iter().map(tile).collect();
    format!("<dl class=\"tiles\">\n{}\n</dl>", tiles.join("\n"))
}

fn render_timeline(report: &DemoReport) -> String {
    let lanes: Vec<_> = report.jobs.iter().map(timeline::Lane::new).collect();
    let legend = timeline::render_legend(&lanes, &timeline::list_job_stages());
    legend + &timeline::render_lanes("Timeline of the jobs", &lanes, &[])
}

fn describe_compute(report: &DemoReport) -> String {
    let (units, predecessor) = compute::sum_whole_job(&report.compute);
    format!(
        "A whole job takes {} compute units, {} of the predecessor’s {}. Each figure is the median \
         of its transactions, and includes the {} units of setting the limits.",
        format_thousands(units),
        format_percent(units, predecessor),
        format_thousands(predecessor),
        compute::LIMIT_UNITS,
    )
}

fn describe_balances(report: &DemoReport) -> String {
    let rewards = report.rewards;
    format!(
        "In NOS. These accounts hold the whole supply, so each column of changes must sum to zero. \
         The market’s fees, {}, were swept to the pool; {} seconds later the only staker \
         claimed {}.",
        format_nos(rewards.swept),
        format_thousands(rewards.traveled_seconds),
        format_nos(rewards.claimed),
    )
}

/// Renders a section: its title, a sentence about it, and its content.
pub fn render_section(title: &str, lead: &str, body: &str) -> String {
    let [title, lead] = [title, lead].map(escape_html);
    format!("<section>\n<h2>{title}</h2>\n<p>{lead}</p>\n{body}\n</section>")
}

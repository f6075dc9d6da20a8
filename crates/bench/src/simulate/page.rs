//! The page of a simulation: one file without scripts.

use std::fmt::Write;

use anyhow::Result;
use nosana_simulation::report::{Failure, Report};

use super::{
    chart::render_chart,
    tables::{Table, describe_confidence, list_tables},
};
use crate::html::{
    elements::{TableRow, escape_html, render_table},
    render_document, render_section,
};

const TITLE: &str = "Which strategies pay in disputes";

/// Renders the page.
///
/// # Errors
/// If a drawing is empty.
pub fn render_page(report: &Report, failures: &[Failure]) -> Result<String> {
    let mut body = render_header(report, failures);
    if !failures.is_empty() {
        let lead = "Each with the smallest share of the weight. What is marked as known is \
                    described in docs/verification.md.";
        body += &render_section("What pays", lead, &render_failures(failures));
    }

    for table in list_tables(report) {
        body += &render_section(table.title, table.about, &render_rows(&table));
    }
    for plot in &report.plots {
        body += &render_section(plot.title, plot.about, &render_chart(plot)?);
    }
    Ok(render_document(TITLE, &body))
}

fn render_header(report: &Report, failures: &[Failure]) -> String {
    let unknown = failures.iter().filter(|failure| !failure.is_known).count();
    let verdict = match (failures.len(), unknown) {
        (0, _) => "<p class=\"verdict good\">✔ No strategy pays</p>".to_owned(),
        (known, 0) => format!("<p class=\"verdict bad\">✘ {known} strategies pay, all known</p>"),
        (_, unknown) => format!("<p class=\"verdict bad\">✘ {unknown} strategies pay</p>"),
    };
    let lead = format!(
        "Honest, lazy, copying, cheating, colluding and griefing agents play the rules that the \
         programs enforce, with all terms that a market may choose. {}",
        describe_confidence(report)
    );
    format!("<header>\n<h1>{TITLE}</h1>\n<p>{}</p>\n{verdict}\n</header>", escape_html(&lead))
}

fn render_failures(failures: &[Failure]) -> String {
    let mut out = "<ul class=\"checks\">\n".to_owned();
    for failure in failures {
        let Failure { strategy, detail, is_known } = failure;
        let mark = if *is_known { "known" } else { "new" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<li class=\"no\"><b>{mark}</b><span>{}<br><small>{}</small></span></li>",
            escape_html(strategy),
            escape_html(detail)
        );
    }
    out + "</ul>\n"
}

fn render_rows(table: &Table) -> String {
    let row = |cells: &Vec<String>| TableRow { title: String::new(), cells: cells.clone() };
    let rows: Vec<TableRow> = table.rows.iter().map(row).collect();
    render_table("", &table.heading, table.text_columns, &rows)
}

#[cfg(test)]
mod tests {
    use nosana_simulation::config::SimulationConfig;

    use super::*;
    use crate::html::self_contained::check_self_contained;

    #[test]
    fn the_page_is_self_contained() {
        let config = SimulationConfig { draws: 500, jobs: 2_000, ..SimulationConfig::QUICK };
        let report = nosana_simulation::run(&config, &|| ()).unwrap();
        let page = render_page(&report, &report.list_failures()).unwrap();
        check_self_contained(&page).unwrap();
        assert!(page.contains("prefers-color-scheme: dark") && page.contains("What pays"));
        assert_eq!(page.matches("<svg").count(), report.plots.len());
        assert_eq!(page.matches("<title id=").count(), report.plots.len());
        for plot in &report.plots {
            assert!(page.contains(plot.x_label) && page.contains(plot.y_label), "{}", plot.name);
        }
    }
}

//! The page: one file without scripts.

use anyhow::Result;

use super::{ScaleReport, drawings::list_drawings, setting::describe_setting};
use crate::{
    html::{
        elements::{TableRow, escape_html, render_table},
        render_document, render_section,
    },
    simulate::{chart::render_chart, tables::Table},
};

const TITLE: &str = "How far markets grow";

/// Renders the page.
///
/// # Errors
/// If a drawing is empty.
pub fn render_page(report: &ScaleReport) -> Result<String> {
    let lead = escape_html(&describe_setting(report));
    let mut body = format!("<header>\n<h1>{TITLE}</h1>\n<p>{lead}</p>\n</header>");

    for plot in list_drawings(report) {
        body += &render_section(plot.title, plot.about, &render_chart(&plot)?);
    }
    for table in report.list_tables() {
        body += &render_section(table.title, table.about, &render_rows(&table));
    }
    Ok(render_document(TITLE, &body))
}

fn render_rows(table: &Table) -> String {
    let row = |cells: &Vec<String>| TableRow { title: String::new(), cells: cells.clone() };
    let rows: Vec<TableRow> = table.rows.iter().map(row).collect();
    render_table(table.title, &table.heading, table.text_columns, &rows)
}

#[cfg(test)]
mod tests {
    use nosana_scale::{
        comparison::{Comparison, Pair},
        sweep::SweepConfig,
    };

    use crate::{
        html::self_contained::check_self_contained,
        scale::{ScaleConfig, run},
    };

    #[test]
    fn the_page_is_self_contained_and_the_data_are_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let sweep = SweepConfig {
            nodes: vec![10, 100],
            markets: vec![1, 4],
            jobs: 200,
            point_jobs: 200,
            ..SweepConfig::quick()
        };
        let pair = Pair { measured: 8.0, simulated: 6.0 };
        let comparison = Comparison {
            jobs: 3,
            makespan: pair,
            jobs_per_second: pair,
            median_wait: pair,
            long_wait: pair,
            tolerance_seconds: 0.8,
        };
        let out = folder.path().to_owned();
        let config = ScaleConfig { sweep, comparison: Some(comparison), out, quiet: true };
        let report = run(&config).unwrap();

        let page = std::fs::read_to_string(&report.page).unwrap();
        check_self_contained(&page).unwrap();
        assert_eq!(page.matches("<svg").count(), 4);
        assert_eq!(page.matches("<desc").count(), 4);
        assert!(!page.contains("<caption></caption>"), "{page}");
        assert!(page.contains("b: 4 markets"), "{page}");
        assert!(page.contains("the same run in the model") && page.contains("25.0 %"), "{page}");

        let json = std::fs::read(folder.path().join("scale.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["version"], "nosana-scale/2");
        assert_eq!(json["comparison"]["makespan"]["simulated"], 6.0);
        assert_eq!(json["points"].as_array().map(Vec::len), Some(16));
        assert!(json["points"][0]["outcome"]["utilization"].as_f64().unwrap() > 0.0);
        assert!(report.render_text().contains("Markets of all sizes"));
    }
}

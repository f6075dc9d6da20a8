//! The figures as a page.

use super::{
    goals::{GOAL_HEADING, Goal},
    report::{EngineReport, STAGE_HEADING},
    sweep_table::SweepTable,
};
use crate::html::{
    elements::{TableRow, escape_html, render_table},
    render_document, render_section,
};

const TITLE: &str = "The speed of inference";

/// Renders the page.
pub fn render_page(report: &EngineReport) -> String {
    let peer = report.peer.as_ref().map_or_else(
        || "not measured".to_owned(),
        |peer| format!("node-llama-cpp {}", peer.version),
    );
    let lead = format!(
        "SmolLM2-135M-Instruct and all-MiniLM-L6-v2 on {}. Figures are tokens or sentences a \
         second; the other binding is {peer}; {}.",
        report.device,
        report.compare_answers()
    );
    let header = format!("<header>\n<h1>{TITLE}</h1>\n<p>{}</p>\n</header>", escape_html(&lead));

    let mut parts = vec![header];
    parts.extend(render_comparisons(report));
    parts.push(render_stages(report));
    parts.extend(render_batches(report));
    parts.push(render_goals(report));
    render_document(TITLE, &parts.join("\n"))
}

fn render_comparisons(report: &EngineReport) -> Vec<String> {
    let mut sections = vec![
        render_section("Beside another binding", "Both call llama.cpp.", &report.draw_peer()),
        render_section(
            "Through a market",
            "Answers of 64 to 192 tokens: listed, run, settled and paid as jobs, and without a \
             market.",
            &report.draw_market(),
        ),
    ];

    let sentences = report.draw_sentences();
    if !sentences.is_empty() {
        let lead = "Sixteen sentences in a job, and the same without a market.";
        sections.push(render_section("Sentences through a market", lead, &sentences));
    }
    sections
}

/// Renders how long jobs take, and their transactions.
fn render_stages(report: &EngineReport) -> String {
    let table = render_cells(&STAGE_HEADING.map(str::to_owned), &[], report.list_stages());

    let lead = "Medians of all jobs; transactions of the client and of the node, on average.";
    render_section(&report.caption_stages(), lead, &table)
}

/// Renders the speed by the size of a batch; nothing if that was not measured.
fn render_batches(report: &EngineReport) -> Option<String> {
    let draw = |table: &SweepTable| {
        table.draw() + &render_cells(&table.heading(), &[], table.list_cells())
    };
    let drawings: String = report.list_sweeps().iter().map(draw).collect();

    let lead = "Answers of 32 tokens that are generated together, and sentences that are embedded \
                in one call, one after the other, without a market.";
    (!drawings.is_empty()).then(|| render_section("By batch", lead, &drawings))
}

fn render_goals(report: &EngineReport) -> String {
    let cells = report.list_goals().iter().map(Goal::list_cells).collect();
    let table = render_cells(&GOAL_HEADING.map(str::to_owned), &[3], cells);

    let lead = "Other programs on this machine make every figure worse.";
    render_section("Goals", lead, &table)
}

/// Renders cells below their heading; `text` columns are aligned left.
fn render_cells(heading: &[String], text: &[usize], cells: Vec<Vec<String>>) -> String {
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    let row = |cells| TableRow { title: String::new(), cells };
    let rows: Vec<_> = cells.into_iter().map(row).collect();
    render_table("", &heading, text, &rows)
}

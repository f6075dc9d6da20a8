//! Writes the figures as JSON and as a page, and renders them as text.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::{
    comparison::render_rows,
    goals::{GOAL_HEADING, Goal},
    page::render_page,
    report::{EngineReport, STAGE_HEADING},
};
use crate::text::render_table;

impl EngineReport {
    /// Writes `engine.json` and `engine.html` into a folder.
    pub(super) fn write_to(&mut self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        self.page = folder.join("engine.html");

        let json = serde_json::to_vec_pretty(self).context("cannot write the report as JSON")?;
        let page = render_page(self).into_bytes();
        for (path, bytes) in [(folder.join("engine.json"), json), (self.page.clone(), page)] {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Renders the comparisons, the batches and the goals as text.
    pub fn render_text(&self) -> String {
        let legend = ["as jobs", "directly"];
        let comparisons = [
            render_rows("a second", ["engine", "peer"], &self.compare_peer()),
            render_rows("tokens a second", legend, &self.compare_market()),
            format!("  {}\n", self.compare_answers()),
        ];
        let sentences = self.compare_sentences();
        let sentences =
            (!sentences.is_empty()).then(|| render_rows("sentences a second", legend, &sentences));

        let sweeps = self.list_sweeps().into_iter();
        let sweeps = sweeps.map(|table| render_cells(table.heading(), table.list_cells()));
        let goals = self.list_goals().iter().map(Goal::list_cells).collect();
        let tables = [
            render_cells(STAGE_HEADING.map(str::to_owned).to_vec(), self.list_stages()),
            render_cells(GOAL_HEADING.map(str::to_owned).to_vec(), goals),
        ];

        let parts = comparisons.into_iter().chain(sentences).chain(sweeps).chain(tables);
        format!("{}\n\n{}", self.device, parts.collect::<Vec<_>>().join("\n"))
    }
}

/// Renders cells below their heading as text.
fn render_cells(heading: Vec<String>, cells: Vec<Vec<String>>) -> String {
    render_table(&std::iter::once(heading).chain(cells).collect::<Vec<_>>())
}

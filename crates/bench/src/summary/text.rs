//! The most important figures and the changes, as text.

use super::{Summary, judge::HEADING, measured::State, table::SummaryTable};
use crate::text::render_table;

impl Summary {
    /// Renders the most important figures.
    pub fn render_text(&self) -> String {
        let table = self.list_headlines();
        let rows: Vec<Vec<String>> = std::iter::once(table.heading).chain(table.rows).collect();
        format!("{}\n\n{}", self.environment.machine, render_table(&rows))
    }

    /// Renders what changed against the baseline.
    pub fn render_changes(&self) -> String {
        let mut rows = self.comparison.list_rows();
        let mut text = String::new();
        if rows.is_empty() || !self.comparison.has_figures {
            text += self.comparison.describe_no_change();
            text += "\n";
        }
        if !rows.is_empty() {
            rows.insert(0, HEADING.map(str::to_owned).to_vec());
            text += &render_table(&rows);
        }

        self.comparison.notes.iter().fold(text, |text, note| text + "  " + note + "\n")
    }

    /// Lists the most important figures of each benchmark, or why there are none.
    pub(super) fn list_headlines(&self) -> SummaryTable {
        let mut rows = Vec::new();

        for section in &self.sections {
            let name = section.source.name;
            let mut add = |figure: &str, value: &str| {
                rows.push([name, figure, value].map(str::to_owned).to_vec());
            };
            match &section.state {
                State::Missing => add(section.source.title, "not measured"),
                State::Invalid(_) => add(section.source.title, "another format"),
                State::Measured { content, .. } => {
                    content.headlines.iter().for_each(|it| add(&it.name, &it.value));
                }
            }
        }
        SummaryTable::new("", &["benchmark", "figure", "value"], rows).with_text(&[1])
    }
}

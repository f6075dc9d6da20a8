//! Figures of this software beside those of another way to do the same.

use crate::{
    html::bars::{BarGroup, render_groups},
    text::render_table,
};

/// One comparison: a figure of this software, and the other's.
pub struct Compared {
    /// What is compared.
    pub name: String,
    /// The figure of this software.
    pub ours: f64,
    /// The other's, unless it was not measured.
    pub theirs: Option<f64>,
}

impl Compared {
    /// Returns this software's figure as a part of the other's.
    pub fn ratio(&self) -> Option<f64> {
        self.theirs.map(|theirs| self.ours / theirs)
    }
}

/// Draws the rows. A measurement that took no time has no speed.
pub fn draw_rows(label: &str, legend: [&str; 2], rows: &[Compared]) -> String {
    let round = |figure: f64| figure.round() as u64;
    let groups: Vec<_> = rows
        .iter()
        .filter(|row| row.ours.is_finite())
        .map(|row| BarGroup {
            name: row.name.clone(),
            ours: round(row.ours),
            theirs: row.theirs.filter(|theirs| theirs.is_finite()).map(round),
        })
        .collect();

    render_groups(label, legend, &groups)
}

/// Renders the rows as text.
pub fn render_rows(unit: &str, [ours, theirs]: [&str; 2], rows: &[Compared]) -> String {
    let heading = [unit, ours, theirs, "ratio"].map(str::to_owned).to_vec();
    let cells = rows.iter().map(|row| {
        let missing = || "–".to_owned();
        let other = row.theirs.map_or_else(missing, |theirs| format!("{theirs:.1}"));
        let ratio = row.ratio().map_or_else(missing, |ratio| format!("{ratio:.2}"));
        vec![row.name.clone(), format!("{:.1}", row.ours), other, ratio]
    });

    render_table(&std::iter::once(heading).chain(cells).collect::<Vec<_>>())
}

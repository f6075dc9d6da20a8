//! Bars in pairs: these programs above what they are compared with.

use std::fmt::Write;

use super::elements::{count_nouns, escape_html, open_svg};
use crate::{
    compute::{self, ComputeRow},
    format::{format_percent, format_thousands},
};

// Sizes in units of the drawing.
const WIDTH: u64 = 1_000;
const LABEL_WIDTH: u64 = 110;
const FIGURE_WIDTH: u64 = 150;
const BAR_HEIGHT: u64 = 14;
const GROUP_HEIGHT: u64 = 46;

/// A pair of bars: this software's, and the other's if it has such a figure.
pub struct BarGroup {
    /// What is compared.
    pub name: String,
    /// The figure of this software.
    pub ours: u64,
    /// The figure of what it is compared with.
    pub theirs: Option<u64>,
}

/// Renders the drawing with its legend: the instructions of a job, then the whole job.
pub fn render_bars(rows: &[ComputeRow]) -> String {
    let of_job = compute::JOB_INSTRUCTIONS
        .iter()
        .filter_map(|name| rows.iter().find(|row| row.instruction == *name));
    let group = |row: &ComputeRow| BarGroup {
        name: row.instruction.clone(),
        ours: row.median,
        theirs: row.predecessor,
    };
    let mut groups: Vec<_> = of_job.map(group).collect();
    let (ours, theirs) = compute::sum_whole_job(rows);
    groups.push(BarGroup { name: "whole job".to_owned(), ours, theirs: Some(theirs) });

    let legend = ["these programs", "the predecessor’s"];
    render_groups("Compute units by instruction", legend, &groups)
}

/// Renders pairs of bars with their legend; nothing if there are none. `label` names the drawing.
pub fn render_groups(label: &str, legend: [&str; 2], groups: &[BarGroup]) -> String {
    if groups.is_empty() {
        return String::new();
    }

    let [ours, theirs] = legend.map(escape_html);
    format!(
        "<ul class=\"legend\"><li><i class=\"ours\"></i>{ours}</li>\
         <li><i class=\"theirs\"></i>{theirs}</li></ul>\n{}",
        draw_groups(label, legend, groups)
    )
}

/// Describes the drawing: what is compared, and the first pair.
fn describe_pairs([ours, theirs]: [&str; 2], groups: &[BarGroup]) -> String {
    let pairs = count_nouns(groups.len(), "pair");
    let first = groups.first().map_or_else(String::new, |group| {
        let other = group.theirs.map_or_else(|| "none".to_owned(), format_thousands);
        format!(" {}: {} and {other}.", group.name, format_thousands(group.ours))
    });
    format!("Horizontal bars: {pairs}, {ours} above {theirs}.{first}")
}

fn draw_groups(label: &str, legend: [&str; 2], groups: &[BarGroup]) -> String {
    let most = groups
        .iter()
        .map(|group| group.ours.max(group.theirs.unwrap_or_default()))
        .max()
        .unwrap_or_default();
    let length = |units: u64| {
        units as f64 / most.max(1) as f64 * (WIDTH - LABEL_WIDTH - FIGURE_WIDTH) as f64
    };
    let height = GROUP_HEIGHT * groups.len() as u64;
    let mut out = open_svg(label, &describe_pairs(legend, groups), [WIDTH, height]);

    for (index, group) in groups.iter().enumerate() {
        let top = index as u64 * GROUP_HEIGHT + (GROUP_HEIGHT - 2 * BAR_HEIGHT - 2) / 2;
        // Writing to a string cannot fail.
        let baseline = top + BAR_HEIGHT + 5;
        let name = escape_html(&group.name);
        let _ = writeln!(out, "<text x=\"10\" y=\"{baseline}\">{name}</text>");

        let ours = format_thousands(group.ours);
        let figure = match group.theirs {
            Some(theirs) => format!("{ours} ({})", format_percent(group.ours, theirs)),
            None => ours,
        };
        draw_bar(&mut out, "ours", top, length(group.ours), &figure);

        let second = top + BAR_HEIGHT + 2;
        match group.theirs {
            Some(theirs) => {
                let figure = format_thousands(theirs);
                draw_bar(&mut out, "theirs", second, length(theirs), &figure);
            }
            None => draw_bar(&mut out, "theirs", second, 0.0, "none"),
        }
    }

    out + "</svg></div>\n"
}

fn draw_bar(out: &mut String, class: &str, top: u64, length: f64, figure: &str) {
    let end = LABEL_WIDTH as f64 + length + 8.0;
    let baseline = top + BAR_HEIGHT - 3;
    let figure = escape_html(figure);
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{LABEL_WIDTH}\" y=\"{top}\" width=\"{length:.1}\" \
         height=\"{BAR_HEIGHT}\" rx=\"2\"/>\
         <text class=\"soft\" x=\"{end:.1}\" y=\"{baseline}\">{figure}</text>"
    );
}

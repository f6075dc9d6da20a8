//! Compute units as bars, ours above the predecessor's.

use std::fmt::Write;

use crate::{
    compute::{self, ComputeRow},
    format::{percent, thousands},
};

/// Sizes in the drawing's own units.
const WIDTH: u64 = 1_000;
const LABELS: u64 = 110;
const FIGURES: u64 = 150;
const BAR: u64 = 14;
const GROUP: u64 = 46;

/// One instruction: ours, and the predecessor's if it has it.
struct Group {
    name: String,
    ours: u64,
    theirs: Option<u64>,
}

/// The drawing with its legend: the instructions of a job, then the whole job.
pub fn render(rows: &[ComputeRow]) -> String {
    let of_a_job = compute::OF_A_JOB
        .iter()
        .filter_map(|name| rows.iter().find(|row| row.instruction == *name));
    let group = |row: &ComputeRow| Group {
        name: row.instruction.clone(),
        ours: row.median,
        theirs: row.predecessor,
    };
    let mut groups: Vec<_> = of_a_job.map(group).collect();
    let (ours, theirs) = compute::whole_job(rows);
    groups.push(Group { name: "whole job".to_owned(), ours, theirs: Some(theirs) });
    let legend = "<ul class=\"legend\"><li><i class=\"ours\"></i>these programs</li>\
                  <li><i class=\"theirs\"></i>the predecessor’s</li></ul>\n";
    legend.to_owned() + &draw(&groups)
}

fn draw(groups: &[Group]) -> String {
    let most = groups
        .iter()
        .map(|group| group.ours.max(group.theirs.unwrap_or_default()))
        .max()
        .unwrap_or_default();
    let length = |units: u64| units as f64 / most.max(1) as f64 * (WIDTH - LABELS - FIGURES) as f64;
    let height = GROUP * groups.len() as u64;
    let mut out = format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Compute units by \
         instruction\">\n"
    );
    for (index, group) in groups.iter().enumerate() {
        let top = index as u64 * GROUP + (GROUP - 2 * BAR - 2) / 2;
        // Writing to a string cannot fail.
        let _ = writeln!(out, "<text x=\"10\" y=\"{}\">{}</text>", top + BAR + 5, group.name);
        let figure = match group.theirs {
            Some(theirs) => format!("{} ({})", thousands(group.ours), percent(group.ours, theirs)),
            None => thousands(group.ours),
        };
        bar(&mut out, "ours", top, length(group.ours), &figure);
        match group.theirs {
            Some(theirs) => {
                bar(&mut out, "theirs", top + BAR + 2, length(theirs), &thousands(theirs))
            }
            None => bar(&mut out, "theirs", top + BAR + 2, 0.0, "none"),
        }
    }
    out + "</svg></div>\n"
}

fn bar(out: &mut String, class: &str, top: u64, length: f64, figure: &str) {
    let (end, base) = (LABELS as f64 + length + 8.0, top + BAR - 3);
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{LABELS}\" y=\"{top}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\"/>\
         <text class=\"soft\" x=\"{end:.1}\" y=\"{base}\">{figure}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(instruction: &str, median: u64, predecessor: Option<u64>) -> ComputeRow {
        ComputeRow {
            instruction: instruction.to_owned(),
            count: 1,
            min: median,
            median,
            max: median,
            predecessor,
        }
    }

    #[test]
    fn the_longest_bar_fills_the_width_and_others_are_in_proportion() {
        let rows =
            [row("list", 5_537, Some(22_147)), row("start", 1_000, None), row("claim", 9, None)];
        let svg = render(&rows);
        assert!(svg.contains("5,537 (25.0 %)"), "{svg}");
        assert!(
            svg.contains("width=\"740.0\""),
            "the predecessor's whole job is the longest: {svg}"
        );
        assert!(!svg.contains("claim"), "no part of a job");
        assert_eq!(svg.matches("<rect").count(), 6);
        assert!(!render(&[]).contains("NaN"));
    }
}

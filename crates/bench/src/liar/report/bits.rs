//! How far the sketches of each dispute differ, as a drawing.

use std::fmt::Write;

use nosana_engine::SKETCH_BITS;
use nosana_protocol::dispute::sketch::AGREE_BITS;

use super::{CaseReport, LiarReport, tables::name_case};
use crate::html::elements::escape_html;

// Sizes in units of the drawing.
const WIDTH: f64 = 1_000.0;
const LABEL_WIDTH: f64 = 150.0;
const ROW_HEIGHT: f64 = 30.0;
const AXIS_HEIGHT: f64 = 26.0;
/// The most bits that are drawn: guesses differ in half of them.
const MOST_BITS: f64 = 160.0;
/// The bits between two marks of the axis.
const TICK_BITS: usize = 20;

/// Renders the legend and the drawing.
pub fn render_bits(report: &LiarReport) -> String {
    let bottom = ROW_HEIGHT * report.cases.len() as f64;
    let height = bottom + AXIS_HEIGHT;
    let mut out = format!(
        "<ul class=\"legend\"><li><i class=\"theirs\"></i>from the trace that the node opened</li>\
         <li><i class=\"ours\"></i>from another panelist’s sketch</li></ul>\n\
         <div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Bits in which sketches differ\">\n"
    );

    for bits in (0..=MOST_BITS as u32).step_by(TICK_BITS) {
        let x = place_bits(bits);
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
             <text class=\"soft\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{bits}</text>",
            bottom + 18.0
        );
    }
    let bound = place_bits(AGREE_BITS);
    let _ = writeln!(
        out,
        "<line class=\"bound\" x1=\"{bound:.1}\" x2=\"{bound:.1}\" y2=\"{bottom}\"/>\
         <text class=\"soft\" x=\"{:.1}\" y=\"12\">up to {AGREE_BITS} agree</text>",
        bound + 6.0
    );
    for (index, case) in report.cases.iter().enumerate() {
        draw_case(&mut out, index, case);
    }
    out + "</svg></div>\n"
}

/// Draws a bar to the bits between the trace and the panel, and a dot for each vote.
fn draw_case(out: &mut String, index: usize, case: &CaseReport) {
    let middle = (index as f64 + 0.5) * ROW_HEIGHT;
    let name = escape_html(&name_case(case));
    let _ = writeln!(out, "<text x=\"10\" y=\"{:.1}\">{name}</text>", middle + 4.0);

    let most = case.votes.iter().map(|vote| vote.bits_from_trace).max().unwrap_or_default();
    let width = (place_bits(most) - LABEL_WIDTH).max(2.0);
    let end = LABEL_WIDTH + width + 12.0;
    let _ = writeln!(
        out,
        "<rect class=\"theirs\" x=\"{LABEL_WIDTH}\" y=\"{:.1}\" width=\"{width:.1}\" \
         height=\"12\" rx=\"2\"/>\
         <text class=\"soft\" x=\"{end:.1}\" y=\"{:.1}\">{most}</text>",
        middle - 6.0,
        middle + 4.0
    );
    for vote in &case.votes {
        let x = place_bits(vote.bits_from_panel);
        let title = format!(
            "{}: {} bits from the trace, {} from the panel",
            vote.panelist, vote.bits_from_trace, vote.bits_from_panel
        );
        let _ = writeln!(
            out,
            "<circle class=\"ours\" cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"5\">\
             <title>{}</title></circle>",
            escape_html(&title)
        );
    }
}

fn place_bits(bits: u32) -> f64 {
    let shown = f64::from(bits.min(SKETCH_BITS)).min(MOST_BITS);
    LABEL_WIDTH + shown / MOST_BITS * (WIDTH - LABEL_WIDTH - 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liar::report::sample::sample_report;

    #[test]
    fn each_vote_has_a_dot_and_each_case_a_bar() {
        let report = sample_report();
        let drawn = render_bits(&report);
        let votes: usize = report.cases.iter().map(|case| case.votes.len()).sum();
        assert_eq!(drawn.matches("<circle").count(), votes);
        assert_eq!(drawn.matches("<rect").count(), report.cases.len());
        assert!(place_bits(200) == place_bits(160) && place_bits(0) == LABEL_WIDTH);
        assert!(!drawn.contains("NaN"));
    }
}

//! The jobs over time: one lane for each, one color for each stage.

use std::fmt::Write;

use super::html::escape;
use crate::{
    format::seconds,
    report::JobReport,
    stages::{Direction, Stage, StageKind},
};

/// Sizes in the drawing's own units.
const WIDTH: u64 = 1_000;
const LABELS: u64 = 110;
const TOTALS: u64 = 62;
const LANE: u64 = 30;
const BAR: u64 = 18;
const AXIS: u64 = 26;
/// The most lines that mark the time.
const MOST_TICKS: u64 = 10;

/// What is drawn of a job.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// The job's number.
    pub number: usize,
    /// How it met its node.
    pub direction: Direction,
    /// Its stages.
    pub stages: [Stage; 5],
}

impl Lane {
    /// A job's lane.
    pub const fn new(job: &JobReport) -> Self {
        Self { number: job.number, direction: job.direction, stages: job.stages }
    }

    fn end(&self) -> u64 {
        self.stages.iter().map(|stage| stage.to_ms).max().unwrap_or_default()
    }
}

/// The colors of the stages that occur.
pub fn legend(lanes: &[Lane]) -> String {
    let occurs = |kind: &StageKind| {
        lanes.iter().any(|lane| lane.stages.iter().any(|stage| stage.kind == *kind))
    };
    let item = |kind: StageKind| format!("<li><i class=\"{0}\"></i>{0}</li>", kind.name());
    let items: String = StageKind::ALL.into_iter().filter(occurs).map(item).collect();
    format!("<ul class=\"legend\">{items}</ul>\n")
}

/// The drawing.
pub fn render(lanes: &[Lane]) -> String {
    let end = lanes.iter().map(Lane::end).max().unwrap_or_default().max(1);
    let x = |ms: u64| LABELS as f64 + ms as f64 / end as f64 * (WIDTH - LABELS - TOTALS) as f64;
    let bottom = LANE * lanes.len() as u64;
    let height = bottom + AXIS;
    let mut out = format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Timeline of the jobs\">\n"
    );
    // Writing to a string cannot fail.
    for (index, lane) in lanes.iter().enumerate() {
        if index % 2 == 0 {
            let _ = writeln!(
                out,
                "<rect class=\"lane\" y=\"{}\" width=\"{WIDTH}\" height=\"{LANE}\"/>",
                index as u64 * LANE
            );
        }
        let middle = index as u64 * LANE + LANE / 2 + 4;
        let (number, direction) = (lane.number, lane.direction.name());
        let _ = writeln!(
            out,
            "<text x=\"10\" y=\"{middle}\">job {number} <tspan fill-opacity=\".65\">{direction}</tspan></text>"
        );
    }
    for ms in ticks(end) {
        let (x, base) = (x(ms), bottom + AXIS - 8);
        let label = if ms % 1_000 == 0 {
            (ms / 1_000).to_string()
        } else {
            format!("{:.1}", ms as f64 / 1_000.0)
        };
        let _ = writeln!(out, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>");
        let _ = writeln!(
            out,
            "<text class=\"soft\" x=\"{x:.1}\" y=\"{base}\" text-anchor=\"middle\">{label} s</text>"
        );
    }
    for (index, lane) in lanes.iter().enumerate() {
        let top = index as u64 * LANE + (LANE - BAR) / 2;
        for stage in lane.stages.iter().filter(|stage| stage.ms() > 0) {
            let (from, to) = (x(stage.from_ms), x(stage.to_ms));
            let tip =
                format!("job {}: {} for {} s", lane.number, stage.kind.name(), seconds(stage.ms()));
            let _ = writeln!(
                out,
                "<rect class=\"{}\" x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\">\
                 <title>{}</title></rect>",
                stage.kind.name(),
                (to - from - 0.6).max(0.8),
                escape(&tip),
            );
        }
        let total = lane.end().saturating_sub(lane.stages[0].from_ms);
        let (x, y) = (x(lane.end()) + 8.0, index as u64 * LANE + LANE / 2 + 4);
        let _ = writeln!(
            out,
            "<text class=\"soft\" x=\"{x:.1}\" y=\"{y}\">{} s</text>",
            seconds(total)
        );
    }
    out + "</svg></div>\n"
}

/// Round moments up to `end`, at most [`MOST_TICKS`] after zero, in milliseconds.
fn ticks(end: u64) -> impl Iterator<Item = u64> {
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit: u64| digit * 100 * 10_u64.pow(power)));
    let step = steps.take(30).find(|step| end / step <= MOST_TICKS).unwrap_or(end);
    (0..=end / step).map(move |index| index * step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::Marks;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(
            ticks(900).collect::<Vec<_>>(),
            [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]
        );
        assert_eq!(
            ticks(14_300).collect::<Vec<_>>(),
            [0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000]
        );
        for end in [1, 99, 1_001, 123_456, 9_999_999] {
            assert!(ticks(end).count() <= 11, "{end}");
        }
    }

    #[test]
    fn each_stage_of_each_job_is_drawn_once() {
        let marks = Marks {
            sent: 0,
            listed: 400,
            taken: 900,
            started: 1_300,
            executed: 2_000,
            settled: 2_400,
        };
        let lane = |number, direction| Lane { number, direction, stages: marks.stages(direction) };
        let lanes = [lane(1, Direction::Queued), lane(2, Direction::Matched)];
        let svg = render(&lanes);
        assert_eq!(svg.matches("<title>").count(), 10);
        assert!(svg.contains("<title>job 1: queued for 0.50 s</title>"), "{svg}");
        assert!(svg.contains("<title>job 2: matched for 0.50 s</title>"), "{svg}");
        assert_eq!(legend(&lanes).matches("<li>").count(), 6);
        assert_eq!(legend(&lanes[..1]).matches("<li>").count(), 5);
        assert!(!svg.contains("NaN") && render(&[]).contains("</svg>"));
    }
}

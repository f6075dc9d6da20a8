//! Jobs or disputes over time: one lane for each, one color for each stage.

use std::fmt::Write;

use super::elements::{count_nouns, escape_html, open_svg};
use crate::{format::format_seconds, report::job::JobReport, stages::StageKind};

// Sizes in units of the drawing.
const WIDTH: u64 = 1_000;
const LABEL_WIDTH: u64 = 110;
const TOTAL_WIDTH: u64 = 62;
const LANE_HEIGHT: u64 = 30;
const BAR_HEIGHT: u64 = 18;
const AXIS_HEIGHT: u64 = 26;
const MARKS_HEIGHT: u64 = 22;
/// The largest number of lines that mark the time.
const MAX_TICKS: u64 = 10;

/// One job or dispute in the drawing.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// A word behind the name.
    pub note: &'static str,
    /// Its stages, in order.
    pub stages: Vec<LaneStage>,
}

/// A stage in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneStage {
    /// Its name, which is the class of its color.
    pub name: &'static str,
    /// Start, in milliseconds.
    pub from_ms: u64,
    /// End, in milliseconds.
    pub to_ms: u64,
}

/// A moment that all lanes share.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When, in milliseconds.
    pub at_ms: u64,
    /// What happened.
    pub label: String,
}

impl Lane {
    /// The lane of a job.
    pub fn new(job: &JobReport) -> Self {
        let stage = |stage: &crate::stages::Stage| LaneStage {
            name: stage.kind.name(),
            from_ms: stage.from_ms,
            to_ms: stage.to_ms,
        };
        Self {
            name: format!("job {}", job.number),
            note: job.direction.name(),
            stages: job.stages.iter().map(stage).collect(),
        }
    }

    fn start_ms(&self) -> u64 {
        self.stages.iter().map(|stage| stage.from_ms).min().unwrap_or_default()
    }

    fn end_ms(&self) -> u64 {
        self.stages.iter().map(|stage| stage.to_ms).max().unwrap_or_default()
    }
}

impl LaneStage {
    const fn duration_ms(&self) -> u64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

/// The horizontal scale: milliseconds as units of the drawing.
#[derive(Clone, Copy)]
struct Scale {
    end_ms: u64,
}

impl Scale {
    fn to_x(self, ms: u64) -> f64 {
        let width = (WIDTH - LABEL_WIDTH - TOTAL_WIDTH) as f64;
        LABEL_WIDTH as f64 + ms as f64 / self.end_ms as f64 * width
    }
}

/// The names of a job's stages, in order.
pub fn list_job_stages() -> Vec<&'static str> {
    StageKind::ALL.iter().map(|kind| kind.name()).collect()
}

/// Renders the colors of those of these stages that occur.
pub fn render_legend(lanes: &[Lane], stages: &[&str]) -> String {
    let occurs = |name: &&&str| {
        lanes.iter().any(|lane| lane.stages.iter().any(|stage| stage.name == **name))
    };
    let item = |name: &&str| format!("<li><i class=\"{0}\"></i>{0}</li>", escape_html(name));
    let items: String = stages.iter().filter(occurs).map(item).collect();

    format!("<ul class=\"legend\">{items}</ul>\n")
}

/// Renders the drawing. `label` names it.
pub fn render_lanes(label: &str, lanes: &[Lane], marks: &[Mark]) -> String {
    let end_ms = lanes.iter().map(Lane::end_ms).max().unwrap_or_default().max(1);
    let scale = Scale { end_ms };
    let bottom = LANE_HEIGHT * lanes.len() as u64;
    let marks_height = if marks.is_empty() { 0 } else { MARKS_HEIGHT };
    let height = bottom + AXIS_HEIGHT + marks_height;

    let description = format!(
        "Stages over time: {}, {}, {} s in all.",
        count_nouns(lanes.len(), "lane"),
        count_nouns(marks.len(), "mark"),
        format_seconds(end_ms)
    );
    let mut out = open_svg(label, &description, [WIDTH, height]);
    for (index, lane) in (0..).zip(lanes) {
        draw_label(&mut out, index, lane);
    }
    draw_axis(&mut out, scale, bottom);
    for (index, lane) in (0..).zip(lanes) {
        draw_stages(&mut out, scale, index, lane);
    }
    for mark in marks {
        draw_mark(&mut out, scale, bottom, mark);
    }
    out + "</svg></div>\n"
}

/// Draws the background and the label of a lane. Writing to a string cannot fail, here and below.
fn draw_label(out: &mut String, index: u64, lane: &Lane) {
    let top = index * LANE_HEIGHT;
    if index.is_multiple_of(2) {
        let _ = writeln!(
            out,
            "<rect class=\"lane\" y=\"{top}\" width=\"{WIDTH}\" height=\"{LANE_HEIGHT}\"/>"
        );
    }

    let baseline = top + LANE_HEIGHT / 2 + 4;
    let name = escape_html(&lane.name);
    let note = escape_html(lane.note);
    let _ = writeln!(
        out,
        "<text x=\"10\" y=\"{baseline}\">{name} \
         <tspan fill-opacity=\".65\">{note}</tspan></text>"
    );
}

/// Draws a moment that all lanes share, with its label below the axis.
fn draw_mark(out: &mut String, scale: Scale, bottom: u64, mark: &Mark) {
    let x = scale.to_x(mark.at_ms);
    let baseline = bottom + AXIS_HEIGHT + MARKS_HEIGHT - 8;
    let label = escape_html(&mark.label);
    let _ = writeln!(
        out,
        "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>\
         <text x=\"{x:.1}\" y=\"{baseline}\" text-anchor=\"middle\">{label}</text>",
        bottom + AXIS_HEIGHT
    );
}

fn draw_axis(out: &mut String, scale: Scale, bottom: u64) {
    let baseline = bottom + AXIS_HEIGHT - 8;
    for ms in choose_ticks(scale.end_ms) {
        let x = scale.to_x(ms);
        let label = if ms % 1_000 == 0 {
            (ms / 1_000).to_string()
        } else {
            format!("{:.1}", ms as f64 / 1_000.0)
        };
        let _ = writeln!(out, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>");
        let _ = writeln!(
            out,
            "<text class=\"soft\" x=\"{x:.1}\" y=\"{baseline}\" text-anchor=\"middle\">\
             {label} s</text>"
        );
    }
}

/// Draws the stages of a lane, and their total time after them.
fn draw_stages(out: &mut String, scale: Scale, index: u64, lane: &Lane) {
    let top = index * LANE_HEIGHT + (LANE_HEIGHT - BAR_HEIGHT) / 2;
    for stage in lane.stages.iter().filter(|stage| stage.duration_ms() > 0) {
        let kind = stage.name;
        let from = scale.to_x(stage.from_ms);
        let width = (scale.to_x(stage.to_ms) - from - 0.6).max(0.8);
        let duration = format_seconds(stage.duration_ms());
        let tooltip = escape_html(&format!("{}: {kind} for {duration} s", lane.name));
        let _ = writeln!(
            out,
            "<rect class=\"{kind}\" x=\"{from:.1}\" y=\"{top}\" width=\"{width:.1}\" \
             height=\"{BAR_HEIGHT}\" rx=\"2\"><title>{tooltip}</title></rect>"
        );
    }

    let total = format_seconds(lane.end_ms().saturating_sub(lane.start_ms()));
    let x = scale.to_x(lane.end_ms()) + 8.0;
    let baseline = index * LANE_HEIGHT + LANE_HEIGHT / 2 + 4;
    let _ = writeln!(out, "<text class=\"soft\" x=\"{x:.1}\" y=\"{baseline}\">{total} s</text>");
}

/// Chooses round times up to `end_ms`, at most [`MAX_TICKS`] after zero, in milliseconds.
fn choose_ticks(end_ms: u64) -> impl Iterator<Item = u64> {
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit: u64| digit * 100 * 10_u64.pow(power)));
    let step = steps.take(30).find(|step| end_ms / step <= MAX_TICKS).unwrap_or(end_ms);

    (0..=end_ms / step).map(move |index| index * step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::sample::sample_report, stages::Direction};

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(
            choose_ticks(900).collect::<Vec<_>>(),
            [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]
        );
        assert_eq!(
            choose_ticks(14_300).collect::<Vec<_>>(),
            [0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000]
        );
        for end in [1, 99, 1_001, 123_456, 9_999_999] {
            assert!(choose_ticks(end).count() <= 11, "{end}");
        }
    }

    #[test]
    fn each_stage_of_each_job_is_drawn_once() {
        let mut matched = sample_report().jobs.remove(0);
        matched.number = 2;
        matched.direction = Direction::Matched;
        matched.stages = matched.marks.to_stages(Direction::Matched);
        let lanes = [Lane::new(&sample_report().jobs[0]), Lane::new(&matched)];
        let svg = render_lanes("jobs", &lanes, &[]);
        assert_eq!(svg.matches("<title>").count(), 10);
        assert!(svg.contains("<title>job 1: queued for 0.50 s</title>"), "{svg}");
        assert!(svg.contains("<title>job 2: matched for 0.50 s</title>"), "{svg}");

        let stages = list_job_stages();
        assert_eq!(render_legend(&lanes, &stages).matches("<li>").count(), 6);
        assert_eq!(render_legend(&lanes[..1], &stages).matches("<li>").count(), 5);
        assert!(!svg.contains("NaN") && render_lanes("none", &[], &[]).contains("</svg>"));
    }

    #[test]
    fn a_shared_moment_is_drawn_once_below_the_axis() {
        let lanes = [Lane::new(&sample_report().jobs[0])];
        let mark = Mark { at_ms: 1_000, label: "+600 s".to_owned() };
        let svg = render_lanes("jobs", &lanes, &[mark]);
        assert_eq!(svg.matches("class=\"mark\"").count(), 1);
        assert!(svg.contains(">+600 s</text>") && svg.contains("0 0 1000 78"), "{svg}");
    }
}

//! The course of the disputes over time.

use super::{CaseReport, LiarReport, tables::name_case};
use crate::html::timeline::{self, Lane, LaneStage, Mark};

/// The stages of a job and its dispute, in order.
const STAGES: [&str; 8] =
    ["running", "waiting", "drawing", "seating", "committing", "opening", "voting", "closing"];

/// Renders the legend and the drawing. Moments at which the clock was advanced are lines.
pub fn render_course(report: &LiarReport) -> String {
    let origin = report.cases.iter().map(|case| case.times.started).min().unwrap_or_default();
    let seated = report.advances.last().map_or(0, |advance| advance.at_ms);
    let lane = |case: &CaseReport| Lane {
        name: name_case(case),
        note: "",
        stages: list_stages(case, seated, origin),
    };
    let lanes: Vec<Lane> = report.cases.iter().map(lane).collect();
    let marks: Vec<Mark> = report
        .advances
        .iter()
        .map(|advance| Mark {
            at_ms: advance.at_ms.saturating_sub(origin),
            label: format!("+{} s", advance.seconds),
        })
        .collect();

    let legend = timeline::render_legend(&lanes, &STAGES);
    legend + &timeline::render_lanes("Timeline of the disputes", &lanes, &marks)
}

/// Lists the stages, in milliseconds since `origin`. Everybody had time to take a seat until
/// `seated`.
fn list_stages(case: &CaseReport, seated: u64, origin: u64) -> Vec<LaneStage> {
    let times = &case.times;
    let ends = [
        times.submitted,
        times.challenged,
        times.drawn,
        seated,
        times.committed,
        times.opened,
        times.revealed,
        times.closed,
    ];

    let mut from = times.started;
    let stages = STAGES.into_iter().zip(ends).map(|(name, end)| {
        let from_ms = from.saturating_sub(origin);
        from = end.max(from);
        LaneStage { name, from_ms, to_ms: from.saturating_sub(origin) }
    });
    stages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liar::report::sample::sample_report;

    #[test]
    fn stages_follow_each_other_without_gaps() {
        let report = sample_report();
        let stages = list_stages(&report.cases[0], 9_000, 1_000);
        assert_eq!(stages.len(), STAGES.len());
        assert_eq!((stages[0].from_ms, stages[7].to_ms), (0, 19_000));
        assert!(stages.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
        assert_eq!(render_course(&report).matches("class=\"mark\"").count(), 1);
    }
}

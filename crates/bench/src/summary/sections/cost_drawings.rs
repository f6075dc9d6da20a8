//! The drawings of what instructions cost.

use std::cmp::Reverse;

use super::measured_cost::{MeasuredCost, UNITS, bar_of_units};
use crate::{
    compute::WHOLE_JOB,
    html::series::{Series, SeriesGroup, render_captioned},
    summary::baseline::FLOOR,
};

/// The number of the dearest instructions that are drawn.
const DRAWN: usize = 10;

/// Draws the instructions of a job's life, and those that cost most: a drawing of all would be as
/// long as the table below it.
pub fn draw_units(instructions: &[MeasuredCost<'_>]) -> String {
    let is_of_a_job = |measured: &&MeasuredCost<'_>| {
        measured.now_of(FLOOR).is_some() || WHOLE_JOB.contains(&measured.label)
    };
    let of_a_job: Vec<&MeasuredCost<'_>> = instructions.iter().filter(is_of_a_job).collect();

    let mut dearest: Vec<&MeasuredCost<'_>> = instructions.iter().collect();
    dearest.sort_by_key(|measured| Reverse(measured.now_of(UNITS)));
    dearest.truncate(DRAWN);

    draw_instructions("Compute units of the instructions of a job", &of_a_job)
        + &draw_instructions("Compute units of the dearest instructions", &dearest)
}

/// Draws compute units beside those of the baseline, and the floor where one was measured.
fn draw_instructions(label: &str, instructions: &[&MeasuredCost<'_>]) -> String {
    let series = [("ours", "now"), ("theirs", "the baseline"), ("series-b", "the floor")];
    let has_floors = instructions.iter().any(|measured| measured.now_of(FLOOR).is_some());
    let count = if has_floors { series.len() } else { series.len() - 1 };
    let series: Vec<Series> = series
        .into_iter()
        .take(count)
        .map(|(class, name)| Series { class, name: name.to_owned() })
        .collect();

    let group = |measured: &&MeasuredCost<'_>| {
        let figures = [measured.now_of(UNITS), measured.before_of(UNITS), measured.now_of(FLOOR)];
        let bars = figures.into_iter().take(count).map(|units| units.map(bar_of_units)).collect();
        SeriesGroup { name: measured.label.to_owned(), bars }
    };
    let groups: Vec<SeriesGroup> = instructions.iter().map(group).collect();
    render_captioned(label, &series, &groups)
}

//! A run of the demo beside the same run in the model.

use nosana_scale::comparison::{Comparison, Pair};

use super::tables::format_share;
use crate::{simulate::tables::Table, text::render_table};

/// What the model takes from the record, and what it predicts.
const ORIGIN: &str = "From the record: when each job was listed, how long it ran, the first \
                      request for work, and the median time from a match to the start. Predicted: \
                      how long jobs wait for the node and for blocks, and with that the time of \
                      the whole run.";

/// Renders a comparison as text.
pub fn render_comparison(comparison: &Comparison) -> String {
    format!("{}\n{ORIGIN}", render_table(&tabulate_run(comparison).to_rows()))
}

/// Returns a comparison as a table.
pub(crate) fn tabulate_run(comparison: &Comparison) -> Table {
    let row = |name: &str, pair: &Pair| {
        vec![
            name.to_owned(),
            format!("{:.2}", pair.measured),
            format!("{:.2}", pair.simulated),
            format_share(pair.difference()),
        ]
    };

    Table {
        title: "A run of the demo, and the same run in the model",
        about: ORIGIN,
        heading: vec!["figure", "measured", "simulated", "difference"],
        text_columns: &[],
        rows: vec![
            row("time of the run, s", &comparison.makespan),
            row("jobs a second", &comparison.jobs_per_second),
            row("median wait, s", &comparison.median_wait),
            row("95 % wait, s", &comparison.long_wait),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_has_a_difference_for_each_figure() {
        let pair = Pair { measured: 10.0, simulated: 9.0 };
        let comparison = Comparison {
            jobs: 3,
            makespan: pair,
            jobs_per_second: pair,
            median_wait: pair,
            long_wait: pair,
            tolerance_seconds: 0.8,
        };
        let rows = tabulate_run(&comparison).rows;
        assert!(rows.iter().all(|row| row[1..] == ["10.00", "9.00", "10.0 %"]), "{rows:?}");
        assert!(render_comparison(&comparison).contains("Predicted"));
    }
}

//! Figures that differ from those of the baseline.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use super::baseline::{FLOOR, Figures, Timings};
pub use super::difference::Difference;
use crate::format::format_decimal;

/// A figure that differs from the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What was measured, such as `jobs.list`.
    pub label: String,
    /// The figure's name, such as `units`.
    pub figure: String,
    /// How it differs.
    pub difference: Difference,
}

impl Change {
    /// Returns true if the change requires another baseline: the figure rose, is new, or was not
    /// measured. A floor that changes is neither better nor worse.
    pub fn is_worse(&self) -> bool {
        match self.difference {
            Difference::Fell { .. } => false,
            Difference::Rose { .. } | Difference::New { .. } | Difference::Gone { .. } => {
                self.figure != FLOOR
            }
        }
    }
}

impl Display for Change {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self { label, figure, difference } = self;
        let number = format_decimal;
        match *difference {
            Difference::Rose { before, now } | Difference::Fell { before, now } => write!(
                formatter,
                "{label}: {figure} {} from {} to {} ({})",
                difference.name(),
                number(before),
                number(now),
                format_growth(before, now)
            ),
            Difference::New { now } => {
                write!(formatter, "{label}: {figure} {} is not in the baseline", number(now))
            }
            Difference::Gone { before } => write!(
                formatter,
                "{label}: {figure}, {} in the baseline, was not measured",
                number(before)
            ),
        }
    }
}

/// Formats a change as a percentage of the first figure: `+1.5 %`; `–` if that is zero.
pub fn format_growth(before: f64, now: f64) -> String {
    if before == 0.0 {
        return "–".to_owned();
    }
    let percent = (now / before - 1.0) * 100.0;
    let sign = if percent < 0.0 { '−' } else { '+' };
    format!("{sign}{:.1} %", percent.abs())
}

/// Returns the deterministic figures that differ, in order.
pub fn compare_figures(baseline: &Figures, measured: &Figures) -> Vec<Change> {
    compare_timings(&to_floats(baseline), &to_floats(measured))
}

/// Returns the timings that differ, in order.
pub fn compare_timings(baseline: &Timings, measured: &Timings) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |label: &String, figure: &String, difference| {
        changes.push(Change { label: label.clone(), figure: figure.clone(), difference });
    };

    for (label, of_label) in measured {
        for (figure, now) in of_label {
            let now = *now;
            match find_figure(baseline, label, figure) {
                None => add(label, figure, Difference::New { now }),
                Some(before) if now > before => {
                    add(label, figure, Difference::Rose { before, now });
                }
                Some(before) if now < before => {
                    add(label, figure, Difference::Fell { before, now });
                }
                Some(_) => {}
            }
        }
    }
    for (label, of_label) in baseline {
        for (figure, before) in of_label {
            if find_figure(measured, label, figure).is_none() {
                add(label, figure, Difference::Gone { before: *before });
            }
        }
    }

    changes
}

fn find_figure(table: &Timings, label: &str, figure: &str) -> Option<f64> {
    table.get(label)?.get(figure).copied()
}

/// Converts figures for the comparison. They are far below 2⁵³, so that none changes.
fn to_floats(figures: &Figures) -> Timings {
    let convert = |(name, figure): (&String, &u64)| (name.clone(), *figure as f64);
    let of_label = |(label, figures): (&String, &BTreeMap<String, u64>)| {
        (label.clone(), figures.iter().map(convert).collect())
    };
    figures.iter().map(of_label).collect()
}

//! Figures that differ from those of the baseline.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use super::baseline::{Figures, Timings};
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

/// How a figure differs from the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Difference {
    /// It is larger.
    Rose {
        /// The baseline's figure.
        before: f64,
        /// The measured figure.
        now: f64,
    },
    /// It is smaller.
    Fell {
        /// The baseline's figure.
        before: f64,
        /// The measured figure.
        now: f64,
    },
    /// The baseline does not have it.
    New {
        /// The measured figure.
        now: f64,
    },
    /// It was not measured.
    Gone {
        /// The baseline's figure.
        before: f64,
    },
}

impl Difference {
    /// Returns the name of this kind of change.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rose { .. } => "rose",
            Self::Fell { .. } => "fell",
            Self::New { .. } => "new",
            Self::Gone { .. } => "gone",
        }
    }

    /// Returns the figure of the baseline.
    pub const fn before(self) -> Option<f64> {
        match self {
            Self::Rose { before, .. } | Self::Fell { before, .. } | Self::Gone { before } => {
                Some(before)
            }
            Self::New { .. } => None,
        }
    }

    /// Returns the measured figure.
    pub const fn now(self) -> Option<f64> {
        match self {
            Self::Rose { now, .. } | Self::Fell { now, .. } | Self::New { now } => Some(now),
            Self::Gone { .. } => None,
        }
    }
}

impl Change {
    /// Returns true if the figure is larger than in the baseline.
    pub const fn has_risen(&self) -> bool {
        matches!(self.difference, Difference::Rose { .. })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(label: &str, units: u64) -> Figures {
        [(label.to_owned(), [("units".to_owned(), units)].into())].into()
    }

    #[test]
    fn each_kind_of_change_is_found() {
        let [five, six] = [5, 6].map(|units| figures("jobs.list", units));
        let find = |baseline: &Figures, measured: &Figures| {
            let changes = compare_figures(baseline, measured);
            changes.iter().map(ToString::to_string).collect::<Vec<_>>()
        };

        assert!(find(&five, &five).is_empty());
        assert_eq!(find(&five, &six), ["jobs.list: units rose from 5 to 6 (+20.0 %)"]);
        assert_eq!(find(&six, &five), ["jobs.list: units fell from 6 to 5 (−16.7 %)"]);
        assert_eq!(
            find(&figures("jobs.work", 1_234), &five),
            [
                "jobs.list: units 5 is not in the baseline",
                "jobs.work: units, 1,234 in the baseline, was not measured"
            ]
        );
    }

    #[test]
    fn only_larger_figures_have_risen() {
        let [five, six] = [5, 6].map(|units| figures("jobs.list", units));
        let has_risen = |baseline: &Figures, measured: &Figures| {
            compare_figures(baseline, measured).iter().any(Change::has_risen)
        };
        assert!(has_risen(&five, &six));
        for (baseline, measured) in
            [(&six, &five), (&Figures::new(), &five), (&five, &Figures::new())]
        {
            assert!(!has_risen(baseline, measured));
        }
    }

    #[test]
    fn growth_is_relative_to_the_baseline() {
        assert_eq!(format_growth(200.0, 201.0), "+0.5 %");
        assert_eq!(format_growth(200.0, 100.0), "−50.0 %");
        assert_eq!(format_growth(0.0, 1.0), "–");
    }
}

//! What an instruction or a program costs, beside the baseline.

use std::collections::BTreeMap;

use crate::{format::format_thousands, html::series::SeriesBar, summary::compare::format_growth};

/// The figure of the compute units.
pub const UNITS: &str = "units";

/// The figures of an instruction or a program, and those of the baseline.
pub struct MeasuredCost<'a> {
    /// What was measured.
    pub label: &'a str,
    /// Its figures.
    pub now: &'a BTreeMap<String, u64>,
    /// The figures of the baseline, if it has them.
    pub before: Option<&'a BTreeMap<String, u64>>,
}

impl MeasuredCost<'_> {
    /// Returns the measured figure.
    pub fn now_of(&self, figure: &str) -> Option<u64> {
        self.now.get(figure).copied()
    }

    /// Returns the figure of the baseline.
    pub fn before_of(&self, figure: &str) -> Option<u64> {
        self.before?.get(figure).copied()
    }

    /// Returns the figure, the baseline's, and the change between them, as cells.
    pub fn compare_cells(&self, figure: &str) -> [String; 3] {
        let (now, before) = (self.now_of(figure), self.before_of(figure));
        let change = match (before, now) {
            (Some(before), Some(now)) if before == now => "0".to_owned(),
            (Some(before), Some(now)) => format_growth(before as f64, now as f64),
            (None, _) | (_, None) => "–".to_owned(),
        };
        [format_optional(now), format_optional(before), change]
    }
}

/// Formats compute units.
pub fn format_units(units: u64) -> String {
    format!("{} CU", format_thousands(units))
}

/// Returns a drawing's bar of compute units.
pub fn bar_of_units(units: u64) -> SeriesBar {
    SeriesBar { length: units as f64, figure: format_units(units) }
}

/// Formats a figure; `–` if there is none.
pub fn format_optional(number: Option<u64>) -> String {
    number.map_or_else(|| "–".to_owned(), format_thousands)
}

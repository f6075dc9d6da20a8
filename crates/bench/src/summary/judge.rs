//! What changed against the baseline, and whether it fails.

use super::{
    baseline::{Baseline, Timings},
    compare::{Change, compare_figures, compare_timings, format_growth},
    content::Content,
    measured::Section,
};
use crate::format::format_decimal;

/// The measurements beside the baseline.
#[derive(Clone, Debug, Default)]
pub struct BaselineComparison {
    /// Whether deterministic figures were compared.
    pub has_figures: bool,
    /// Whether deterministic figures were not compared because of their compiler.
    pub has_other_compiler: bool,
    /// Changes of deterministic figures.
    pub figures: Vec<Change>,
    /// Changes of timings, which never fail.
    pub timings: Vec<Change>,
    /// What was not compared, and why.
    pub notes: Vec<String>,
}

impl BaselineComparison {
    /// Compares what these sections measured; only those of these benchmarks, unless there are
    /// none.
    pub fn new(sections: &[Section], baseline: &Baseline, machine: &str, only: &[String]) -> Self {
        let mut comparison = Self::default();
        let mut timings = Timings::new();

        for section in sections {
            let name = section.source.name;
            let Some(content) = section.content().filter(|_| section.is_among(only)) else {
                continue;
            };
            comparison.add_figures(name, content, baseline);
            if !content.timings.is_empty() {
                timings.insert(name.to_owned(), content.timings.clone());
            }
        }

        comparison.add_timings(&timings, baseline, machine);
        comparison
    }

    fn add_figures(&mut self, name: &str, content: &Content, baseline: &Baseline) {
        let tables = [(&baseline.figures, &content.figures), (&baseline.blocks, &content.blocks)];
        if !content.has_figures() {
            return;
        }

        let compiler = content.name_compiler();
        if compiler != baseline.compiler {
            self.notes.push(format!(
                "{name} is not compared: the compiler `{compiler}` built the programs, and the \
                 baseline has figures of `{}`",
                baseline.compiler
            ));
            self.has_other_compiler = true;
            return;
        }
        for (before, now) in tables.into_iter().filter(|(_, measured)| !measured.is_empty()) {
            self.figures.extend(compare_figures(before, now));
            self.has_figures = true;
        }
    }

    fn add_timings(&mut self, timings: &Timings, baseline: &Baseline, machine: &str) {
        if timings.is_empty() {
            return;
        }

        let before: Timings = baseline
            .timings
            .iter()
            .filter(|(name, _)| timings.contains_key(*name))
            .map(|(name, figures)| (name.clone(), figures.clone()))
            .collect();
        self.timings = compare_timings(&before, timings);
        if !before.is_empty() && machine != baseline.machine {
            self.notes.push(format!(
                "the timings of the baseline are those of another machine: {}",
                baseline.machine
            ));
        }
    }

    /// Returns the deterministic figures that are worse than the baseline's.
    pub fn list_worse(&self) -> Vec<&Change> {
        self.figures.iter().filter(|change| change.is_worse()).collect()
    }

    /// Returns the sentence for a comparison without changes.
    pub const fn describe_no_change(&self) -> &'static str {
        if self.has_figures {
            "no figure differs from bench/baseline.json"
        } else {
            "no deterministic figure was compared with bench/baseline.json"
        }
    }

    /// Returns all changes as cells: what, figure, kind of change, before, now, percentage.
    pub fn list_rows(&self) -> Vec<Vec<String>> {
        self.figures.iter().chain(&self.timings).map(change_cells).collect()
    }
}

/// The heading of [`BaselineComparison::list_rows`].
pub const HEADING: [&str; 6] = ["what", "figure", "change", "baseline", "now", "by"];

fn change_cells(change: &Change) -> Vec<String> {
    let Change { label, figure, difference } = change;
    let format = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), format_decimal);
    let growth = difference.before().zip(difference.now());
    let growth = growth.map_or_else(|| "–".to_owned(), |(before, now)| format_growth(before, now));

    vec![
        label.clone(),
        figure.replace('_', " "),
        difference.name().to_owned(),
        format(difference.before()),
        format(difference.now()),
        growth,
    ]
}

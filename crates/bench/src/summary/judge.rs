//! What changed against the baseline, and whether it fails.

use super::{
    baseline::{Baseline, Timings},
    compare::{Change, compare_figures, compare_timings, format_growth},
    content::Content,
    section::Section,
};
use crate::format::format_decimal;

/// The measurements beside the baseline.
#[derive(Clone, Debug, Default)]
pub struct BaselineComparison {
    /// Whether deterministic figures were compared.
    pub has_figures: bool,
    /// Changes of deterministic figures: a rise fails.
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
        if tables.iter().all(|(_, measured)| measured.is_empty()) {
            return;
        }

        let compiler = content.compiler.as_deref().unwrap_or("unknown");
        if compiler != baseline.compiler {
            self.notes.push(format!(
                "{name} is not compared: the compiler `{compiler}` built the programs, and the \
                 baseline has figures of `{}`",
                baseline.compiler
            ));
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

    /// Returns the deterministic figures that rose.
    pub fn list_rises(&self) -> Vec<&Change> {
        self.figures.iter().filter(|change| change.has_risen()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::section::sample::measured_section;

    const MACHINE: &str = "a processor, 2 cores";

    fn labeled<T>(figure: T) -> crate::summary::baseline::Labeled<T> {
        [("jobs.list".to_owned(), [("units".to_owned(), figure)].into())].into()
    }

    fn costs(units: u64) -> Content {
        let compiler = Some("upstream".to_owned());
        Content { compiler, figures: labeled(units), ..Content::default() }
    }

    fn baseline() -> Baseline {
        Baseline {
            compiler: "upstream".to_owned(),
            figures: labeled(5),
            blocks: labeled(5),
            machine: MACHINE.to_owned(),
            timings: [("faults".to_owned(), [("ms".to_owned(), 5.0)].into())].into(),
        }
    }

    fn compare(name: &str, content: Content, only: &[String]) -> BaselineComparison {
        BaselineComparison::new(&[measured_section(name, content)], &baseline(), MACHINE, only)
    }

    #[test]
    fn a_rise_fails_and_a_fall_does_not() {
        assert_eq!(compare("costs", costs(6), &[]).list_rises().len(), 1);

        let fall = compare("costs", costs(4), &[]);
        assert!(fall.list_rises().is_empty() && fall.figures.len() == 1);
        assert_eq!(fall.list_rows(), [["jobs.list", "units", "fell", "5", "4", "−20.0 %"]]);
        assert!(compare("costs", costs(5), &[]).list_rows().is_empty());
    }

    #[test]
    fn block_units_are_compared_like_units() {
        let content = |units| Content { figures: [].into(), blocks: labeled(units), ..costs(5) };
        assert_eq!(compare("throughput", content(6), &[]).list_rises().len(), 1);
        assert!(compare("throughput", content(5), &[]).figures.is_empty());
    }

    #[test]
    fn a_timing_never_fails() {
        let slower = || Content { timings: [("ms".to_owned(), 50.0)].into(), ..Content::default() };
        let comparison = compare("faults", slower(), &[]);
        assert!(comparison.list_rises().is_empty() && comparison.notes.is_empty());
        assert_eq!(comparison.timings.len(), 1);
        assert_eq!(comparison.list_rows()[0][2], "rose");

        let sections = [measured_section("faults", slower())];
        let elsewhere = BaselineComparison::new(&sections, &baseline(), "another", &[]);
        assert!(elsewhere.notes[0].contains(MACHINE), "{elsewhere:?}");
    }

    #[test]
    fn figures_of_another_compiler_are_not_compared() {
        let other = Content { compiler: Some("platform-tools".to_owned()), ..costs(6) };
        let comparison = compare("costs", other, &[]);
        assert!(comparison.figures.is_empty() && !comparison.has_figures);
        assert!(comparison.notes[0].contains("platform-tools"), "{comparison:?}");
    }

    #[test]
    fn only_chosen_benchmarks_are_compared() {
        assert!(compare("costs", costs(6), &["faults".to_owned()]).figures.is_empty());
        assert_eq!(compare("costs", costs(6), &["costs".to_owned()]).figures.len(), 1);
    }
}

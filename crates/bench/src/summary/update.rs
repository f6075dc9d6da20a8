//! Writes what was measured into the baseline.

use super::{
    baseline::{Baseline, Figures},
    section::Section,
};

/// Returns the baseline with what these benchmarks measured in place of what it had; what all did
/// if there are none. Benchmarks that were not measured keep their figures, and their timings if those are of this machine.
pub fn update_baseline(
    baseline: &Baseline,
    sections: &[Section],
    machine: &str,
    only: &[String],
) -> Baseline {
    let mut updated = baseline.clone();

    for section in sections.iter().filter(|section| section.is_among(only)) {
        let Some(content) = section.content() else { continue };
        replace_figures(&mut updated.figures, &content.figures);
        replace_figures(&mut updated.blocks, &content.blocks);
        if let Some(compiler) = &content.compiler {
            updated.compiler.clone_from(compiler);
        }
        if content.timings.is_empty() {
            continue;
        }

        if updated.machine != machine {
            updated.timings.clear();
            machine.clone_into(&mut updated.machine);
        }
        updated.timings.insert(section.source.name.to_owned(), content.timings.clone());
    }

    updated
}

fn replace_figures(figures: &mut Figures, measured: &Figures) {
    if !measured.is_empty() {
        figures.clone_from(measured);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{content::Content, section::sample::measured_section};

    #[test]
    fn what_was_not_measured_stays() {
        let figures = |units: u64| -> Figures {
            [("jobs.list".to_owned(), [("units".to_owned(), units)].into())].into()
        };
        let timings = |ms: f64| [("ms".to_owned(), ms)].into();
        let baseline = Baseline {
            compiler: "upstream".to_owned(),
            figures: figures(5),
            blocks: figures(7),
            machine: "old".to_owned(),
            timings: [("engine".to_owned(), timings(1.0))].into(),
        };

        let costs = Content { figures: figures(6), ..Content::default() };
        let sections = [measured_section("costs", costs)];
        let updated = update_baseline(&baseline, &sections, "new", &[]);
        assert_eq!(updated, Baseline { figures: figures(6), ..baseline.clone() });

        let faults = Content { timings: timings(2.0), ..Content::default() };
        let sections = [measured_section("faults", faults)];
        let updated = update_baseline(&baseline, &sections, "old", &[]);
        assert_eq!(updated.timings.len(), 2);
        let updated = update_baseline(&baseline, &sections, "new", &[]);
        assert_eq!((updated.timings.len(), &*updated.machine), (1, "new"));
        let updated = update_baseline(&baseline, &sections, "new", &["costs".to_owned()]);
        assert_eq!(updated, baseline);
    }
}

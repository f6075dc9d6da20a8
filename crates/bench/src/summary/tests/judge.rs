//! What changed against the baseline, and whether it fails.

use super::sample::measured_section;
use crate::summary::{
    baseline::{Baseline, Labeled},
    content::Content,
    judge::BaselineComparison,
};

const MACHINE: &str = "a processor, 2 cores";

fn labeled<T>(figure: T) -> Labeled<T> {
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
    assert_eq!(compare("costs", costs(6), &[]).list_worse().len(), 1);

    let fall = compare("costs", costs(4), &[]);
    assert!(fall.list_worse().is_empty() && fall.figures.len() == 1);
    assert_eq!(fall.list_rows(), [["jobs.list", "units", "fell", "5", "4", "−20.0 %"]]);
    assert!(compare("costs", costs(5), &[]).list_rows().is_empty());
}

#[test]
fn block_units_without_a_baseline_fail() {
    let blocks = Content { figures: [].into(), blocks: labeled(5), ..costs(5) };
    let baseline = Baseline { blocks: [].into(), ..baseline() };
    let sections = [measured_section("throughput", blocks)];
    let comparison = BaselineComparison::new(&sections, &baseline, MACHINE, &[]);
    assert_eq!(comparison.list_worse().len(), 1);
}

#[test]
fn block_units_are_compared_like_units() {
    let content = |units| Content { figures: [].into(), blocks: labeled(units), ..costs(5) };
    assert_eq!(compare("throughput", content(6), &[]).list_worse().len(), 1);
    assert!(compare("throughput", content(5), &[]).figures.is_empty());
}

#[test]
fn a_timing_never_fails() {
    let slower = || Content { timings: [("ms".to_owned(), 50.0)].into(), ..Content::default() };
    let comparison = compare("faults", slower(), &[]);
    assert!(comparison.list_worse().is_empty() && comparison.notes.is_empty());
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
    assert!(comparison.has_other_compiler && comparison.describe_no_change().contains("compared"));
    assert!(comparison.notes[0].contains("platform-tools"), "{comparison:?}");
}

#[test]
fn only_chosen_benchmarks_are_compared() {
    assert!(compare("costs", costs(6), &["faults".to_owned()]).figures.is_empty());
    assert_eq!(compare("costs", costs(6), &["costs".to_owned()]).figures.len(), 1);
}

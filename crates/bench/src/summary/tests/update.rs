//! What is written into the baseline.

use super::sample::measured_section;
use crate::summary::{
    baseline::{Baseline, Figures},
    content::Content,
    measured::Section,
    update::update_baseline,
};

fn figures(units: u64) -> Figures {
    [("jobs.list".to_owned(), [("units".to_owned(), units)].into())].into()
}

fn costs(compiler: &str) -> Content {
    Content { compiler: Some(compiler.to_owned()), figures: figures(6), ..Content::default() }
}

fn faults(ms: f64) -> Content {
    Content { timings: [("ms".to_owned(), ms)].into(), ..Content::default() }
}

fn sample() -> Baseline {
    Baseline {
        compiler: "upstream".to_owned(),
        figures: figures(5),
        blocks: figures(7),
        machine: "old".to_owned(),
        timings: [("engine".to_owned(), faults(1.0).timings)].into(),
    }
}

#[test]
fn what_was_not_measured_stays() {
    let baseline = sample();
    let sections = [measured_section("costs", costs("upstream"))];
    let updated = update_baseline(&baseline, &sections, "new", &[]).unwrap();
    assert_eq!(updated, Baseline { figures: figures(6), ..baseline.clone() });

    let sections = [measured_section("faults", faults(2.0))];
    let update = |machine: &str, only: &[String]| {
        update_baseline(&baseline, &sections, machine, only).unwrap()
    };
    assert_eq!(update("old", &[]).timings.len(), 2);
    let updated = update("new", &[]);
    assert_eq!((updated.timings.len(), &*updated.machine), (1, "new"));
    assert_eq!(update("new", &["costs".to_owned()]), baseline);
}

#[test]
fn figures_of_two_compilers_are_not_mixed() {
    let costs = measured_section("costs", costs("other"));
    let blocks = |compiler: &str| {
        let compiler = Some(compiler.to_owned());
        let content = Content { compiler, blocks: figures(8), ..Content::default() };
        measured_section("throughput", content)
    };

    let update = |sections: &[Section]| {
        update_baseline(&sample(), sections, "old", &[]).map_err(|error| error.to_string())
    };
    let alone = [costs];
    assert!(update(&alone).unwrap_err().contains("together"));
    let [costs] = alone;
    let mixed = [costs, blocks("upstream")];
    assert!(update(&mixed).unwrap_err().contains("two compilers"));

    let [costs, _] = mixed;
    let updated = update(&[costs, blocks("other")]).unwrap();
    assert_eq!((updated.figures, updated.blocks), (figures(6), figures(8)));
    assert_eq!(updated.compiler, "other");
}

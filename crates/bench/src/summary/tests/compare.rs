//! Figures that differ from those of the baseline.

use crate::summary::{
    baseline::{FLOOR, Figures},
    compare::{Change, compare_figures, format_growth},
};

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
fn figures_that_rise_are_new_or_are_gone_are_worse() {
    let [five, six] = [5, 6].map(|units| figures("jobs.list", units));
    let is_worse = |baseline: &Figures, measured: &Figures| {
        compare_figures(baseline, measured).iter().any(Change::is_worse)
    };

    for (baseline, measured) in [(&five, &six), (&Figures::new(), &five), (&five, &Figures::new())]
    {
        assert!(is_worse(baseline, measured));
    }
    assert!(!is_worse(&six, &five) && !is_worse(&five, &five));
}

#[test]
fn a_floor_that_rises_is_a_change_and_is_not_worse() {
    let floor = |units| -> Figures {
        [("jobs.list".to_owned(), [(FLOOR.to_owned(), units)].into())].into()
    };
    let changes = compare_figures(&floor(5), &floor(6));
    assert_eq!(changes.len(), 1);
    assert!(!changes[0].is_worse());
}

#[test]
fn growth_is_relative_to_the_baseline() {
    assert_eq!(format_growth(200.0, 201.0), "+0.5 %");
    assert_eq!(format_growth(200.0, 100.0), "−50.0 %");
    assert_eq!(format_growth(0.0, 1.0), "–");
}

//! The comparison with `bench/baseline.json` and the README: block units with those of the last
//! change that was meant, and compute units with those of the suite `compute`.
//!
//! Both are the same in every run. Compute units are those of the suite `compute`, and those of the
//! instructions that set the limits: queues have the same neighbors in both.

use std::collections::BTreeMap;

use nosana_bench::{
    compute::LIMIT_UNITS,
    summary::{
        baseline::{Baseline, Figures, JOB_LABEL},
        compare::compare_figures,
        readme::find_ceilings,
    },
};
use nosana_tests::reports::{
    CommittedFigures, WRITE_BASELINE, baseline_path, check_changes, check_readme,
};

use crate::{
    ceiling::Ceiling,
    cost::{Charge, sum_charges},
    job::Step,
    report::Report,
};

/// Returns what the baseline calls this instruction, in the situation of these jobs.
const fn label_of(step: Step) -> &'static str {
    match step {
        Step::List => "jobs.list",
        Step::Work => "jobs.work, a job waits",
        Step::Start => "jobs.start",
        Step::Finish => "jobs.finish, to be settled",
        Step::Settle => "jobs.settle",
        Step::Clean => "jobs.clean",
    }
}

/// Compares what was measured with the committed figures. Nothing is written: the page has the
/// block units of this suite, and `cargo xtask bench` writes them.
pub fn check_committed(report: &Report) {
    match CommittedFigures::from_environment() {
        CommittedFigures::Compare => {
            let path = baseline_path();
            let mut baseline = Baseline::read(&path).unwrap_or_else(|error| panic!("{error:#}"));
            compare_units(&report.charges, &baseline.figures);
            compare_blocks(&report.charges, &baseline.blocks);

            baseline.blocks = collect_blocks(&report.charges);
            compare_ceilings(&report.ceilings, &baseline.blocks);
            check_readme(&baseline);
        }
        CommittedFigures::Write => {
            println!("{WRITE_BASELINE}=1 cargo xtask bench --only throughput writes the baseline");
        }
        CommittedFigures::Skip(reason) => println!("nothing committed is compared: {reason}"),
    }
}

/// Checks that the compute units are those of the suite `compute`.
fn compare_units(charges: &[Charge], figures: &Figures) {
    for charge in charges {
        let label = label_of(charge.step);
        let of_label = figures.get(label).and_then(|of_label| of_label.get("units"));
        let expected = of_label.unwrap_or_else(|| panic!("the baseline has no {label}"));

        assert_eq!(
            charge.units,
            expected + LIMIT_UNITS,
            "{label}: compute units of the baseline, and those of the limits"
        );
    }
}

/// Checks that no block units are worse than those of the baseline.
fn compare_blocks(charges: &[Charge], blocks: &Figures) {
    let changes = compare_figures(blocks, &collect_blocks(charges));
    check_changes(&changes, "cargo xtask bench --only costs --only throughput");
}

/// Checks that the accounts which jobs share leave room for as many jobs as the README states: it
/// reckons with the queues alone.
fn compare_ceilings(ceilings: &[Ceiling; 2], blocks: &Figures) {
    let stated = find_ceilings(blocks).unwrap_or_else(|error| panic!("{error:#}"));
    for (ceiling, stated) in ceilings.iter().zip(stated) {
        let jobs = ceiling.jobs_per_second();
        assert!(
            (jobs - stated).abs() < 1e-9,
            "{} markets have room for {jobs} jobs a second, by {}; the README states {stated}",
            ceiling.markets,
            ceiling.bound
        );
    }
}

/// Returns the block units by transaction, with the names of the baseline.
fn collect_blocks(charges: &[Charge]) -> Figures {
    let name = |figure: &str| figure.to_owned();
    let of_charge = |charge: &Charge| {
        let figures = BTreeMap::from([
            (name("total"), charge.total),
            (name("reserved"), charge.reserved),
            (name("reserved_with_limit"), charge.reserved_with_limit),
        ]);
        (name(charge.step.name()), figures)
    };

    let mut blocks: Figures = charges.iter().map(of_charge).collect();
    blocks.insert(name(JOB_LABEL), [(name("total"), sum_charges(charges))].into());
    blocks
}

//! The comparison with what the suite `compute` measures: `bench/baseline.json`.
//!
//! The two differ by the instructions that set the limits, by the queue's neighbors, and by the
//! compiler of the programs. A figure that is half or double is another instruction.

use std::fs;

use nosana_tests::reports::baseline_path;
use serde_json::Value;

use crate::{cost::Charge, job::Step};

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

/// Checks that the compute units are about those of the baseline.
pub fn check_units(charges: &[Charge]) {
    let text = fs::read_to_string(baseline_path()).expect("the baseline is readable");
    let baseline: Value = serde_json::from_str(&text).expect("the baseline is JSON");

    for charge in charges {
        let label = label_of(charge.step);
        let expected = baseline["figures"][label]["units"].as_u64();
        let expected = expected.unwrap_or_else(|| panic!("the baseline has no {label}"));
        assert!(
            (expected / 2..=expected * 2).contains(&charge.units),
            "{label} uses {} compute units, and the baseline has {expected}",
            charge.units
        );
    }
}

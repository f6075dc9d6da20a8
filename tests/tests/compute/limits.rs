//! What instructions and whole jobs may cost.
//!
//! Goals are those of the compiler whose figures are committed. Another one may need somewhat more
//! for the same source.

use nosana_bench::{compute::WHOLE_JOB, summary::baseline::JOB_LABEL};
use nosana_tests::{MAX_TRANSACTION_BYTES, reports::has_compared_compiler};

use crate::meter::Cost;

/// The most that the instructions of a whole job may cost together.
const WHOLE_JOB_GOAL: u64 = 12_500;
/// The most that a verified job which nobody disputes may cost more than another.
const MAX_VERIFIED_EXCESS: u64 = 60;
/// What another compiler's programs may cost, in percent of a ceiling.
const OTHER_COMPILER_PERCENT: u64 = 110;

/// Prints and checks what whole jobs cost.
pub fn check_whole_jobs(costs: &[Cost]) {
    let whole = sum_units(costs, &WHOLE_JOB);
    println!("{JOB_LABEL:<38} {whole:>8} {:>8} {WHOLE_JOB_GOAL:>8}", "");
    assert!(
        !has_compared_compiler() || whole <= WHOLE_JOB_GOAL,
        "a whole job costs {whole}, over its goal of {WHOLE_JOB_GOAL}"
    );

    let plain = ["jobs.list", "jobs.start", "jobs.finish, to be settled", "jobs.settle"];
    let plain = sum_units(costs, &plain);
    let verified = ["list", "start", "finish", "settle"];
    let verified = verified.map(|name| format!("jobs.{name}, verified"));
    let verified = sum_units(costs, &verified.each_ref().map(String::as_str));
    let excess = verified.saturating_sub(plain);
    println!("{:<38} {excess:>8}", "a verified job more than another");
    assert!(
        excess <= MAX_VERIFIED_EXCESS,
        "a verified job that nobody disputes costs {verified}, not {plain}"
    );
}

/// Checks that an instruction costs no more than its ceiling and its goal, and fits into a
/// transaction.
pub fn check_cost(cost: &Cost) {
    let Cost { ceiling, units, footprint, .. } = cost;
    let label = ceiling.label();
    assert!(
        footprint.bytes <= MAX_TRANSACTION_BYTES as u64,
        "{label} does not fit into a transaction"
    );

    if has_compared_compiler() {
        let most = ceiling.goal.map_or(ceiling.units, |goal| goal.min(ceiling.units));
        assert!(*units <= most, "{label} costs {units}, over {most}");
    } else {
        let most = ceiling.units * OTHER_COMPILER_PERCENT / 100;
        assert!(*units <= most, "{label} costs {units}, over {most} with another compiler");
    }
}

/// Adds up the instructions with these labels, each of which was measured.
fn sum_units(costs: &[Cost], labels: &[&str]) -> u64 {
    let units_of = |label: &&str| {
        let cost = costs.iter().find(|cost| cost.ceiling.label() == *label);
        cost.unwrap_or_else(|| panic!("{label} is not measured")).units
    };
    labels.iter().map(units_of).sum()
}

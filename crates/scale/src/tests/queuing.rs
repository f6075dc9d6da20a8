//! Waiting times and utilization against the theory of queues.

use super::ideal_market;
use crate::{
    costs::{BlockLimits, Costs},
    engine::simulate,
    load::Load,
    scenario::Scenario,
    sweep::SweepConfig,
};

/// By how much a waiting time may differ from that of the formula.
const MAX_ERROR: f64 = 0.05;

/// The probability that a job has to wait, with Poisson arrivals and exponential run times: the
/// Erlang C formula (A. K. Erlang, 1917). `offered` is the arrival rate times the mean run time.
fn erlang_c(servers: usize, offered: f64) -> f64 {
    // The Erlang B recursion, from no server on.
    let blocked = (1..=servers).fold(1.0, |blocked, number| {
        let busy = offered * blocked;
        busy / (number as f64 + busy)
    });
    let free = 1.0 - offered / servers as f64;
    blocked / (free + blocked * (1.0 - free))
}

#[test]
fn the_formula_has_the_values_of_its_tables() {
    // One server: the probability is the load. Two at half load: a third.
    assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
    assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
}

/// Simulates so many jobs. A job waits longer than `t` with the probability
/// `C exp(-(nodes / run - rate) t)`.
fn check_waits(nodes: usize, load: f64, jobs: f64) {
    let mean_run = 100.0;
    let market = ideal_market(nodes, load, mean_run, jobs);
    let outcome = simulate(&Scenario { seed: 1, ..market }).unwrap();
    let waits = outcome.waits.unwrap();

    let offered = load * nodes as f64;
    let waiting = erlang_c(nodes, offered);
    let pace = (nodes as f64 - offered) / mean_run;
    let quantile = |share: f64| (waiting / (1.0 - share)).ln() / pace;
    let quantiles =
        [(waits.median, quantile(0.5)), (waits.p95, quantile(0.95)), (waits.p99, quantile(0.99))];
    // Near zero a small error of the probability is a large one of the time.
    let clear = quantiles.into_iter().filter(|(_, expected)| *expected > 0.5 / pace);
    for (waited, expected) in clear.chain([(waits.mean, waiting / pace)]) {
        let error: f64 = waited / expected - 1.0;
        assert!(error.abs() < MAX_ERROR, "{nodes} at {load}: {waited} s, not {expected} s");
    }
    assert!((outcome.utilization - load).abs() < 0.005, "{}", outcome.utilization);
    assert_eq!(outcome.requeues_per_job, 0.0);
}

#[test]
fn waiting_times_and_utilization_are_those_of_the_formula() {
    check_waits(1, 0.5, 300_000.0);
    check_waits(1, 0.8, 1_000_000.0);
    check_waits(5, 0.7, 300_000.0);
    check_waits(50, 0.8, 1_000_000.0);
}

/// Queues under a high load change slowly: with fewer jobs, chance is larger than the error.
#[test]
fn waiting_times_under_a_high_load_are_those_of_the_formula() {
    check_waits(5, 0.95, 4_000_000.0);
}

#[test]
fn waiting_times_of_many_nodes_under_a_high_load_are_those_of_the_formula() {
    check_waits(50, 0.95, 4_000_000.0);
}

/// If jobs always wait, a slot computes all the time but for the blocks between two runs.
#[test]
fn slots_without_a_pause_need_the_blocks_that_the_capacity_assumes() {
    let overload = Load { name: "1.5", single: 1.5, batched: 0.0 };
    for (reaction_seconds, min_run_seconds) in [(0.0, 0.0), (0.4, 0.0), (0.5, 2.0)] {
        let mut sweep = SweepConfig { reaction_seconds, churn: None, ..SweepConfig::quick() };
        sweep.clocks.min_run_seconds = min_run_seconds;
        let mut scenario = sweep.build_scenario(500, 1, overload, Costs::FREE);
        scenario.limits = BlockLimits { slot_ms: 400, ..BlockLimits::UNLIMITED };
        scenario.seconds *= 10.0;

        let expected = sweep.find_capacity(1) * sweep.service.mean();
        let outcome = simulate(&scenario).unwrap();
        let utilization = outcome.utilization;
        assert!((utilization / expected - 1.0).abs() < 0.005, "{utilization}, not {expected}");
        assert!(outcome.unstarted > 0 && outcome.waits.is_none(), "{outcome:?}");
    }
}

//! Nodes that fail, batches, and full blocks.

use super::ideal_market;
use crate::{
    costs::{BlockLimits, Costs},
    engine::simulate,
    scenario::{Begin, Churn, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

#[test]
fn the_limit_of_an_account_caps_the_jobs_of_a_market() {
    let costs = Costs::from_baseline().unwrap();
    // A twentieth of the real limits, so that few jobs fill the blocks.
    let limits = BlockLimits { block_units: 3_000_000, account_units: 1_200_000, slot_ms: 400 };
    let simulate_markets = |markets: usize| {
        let ceiling = limits.find_ceiling(&costs, 1);
        let rate = ceiling * 1.1 * markets as f64;
        let scenario = Scenario {
            markets,
            arrivals: Arrivals::Random { rate, batch_rate: 0.0, batch: 1 },
            begin: Begin::Busy(0.25),
            // No whole number of blocks.
            seconds: 150.37,
            warm_up_seconds: 30.13,
            drain_seconds: 0.0,
            costs,
            limits,
            ..ideal_market(4_000 * markets, 0.5, 10.0, 1.0)
        };
        (simulate(&scenario).unwrap(), ceiling)
    };

    // Blocks have room for a part of a job more than the formula's whole ones.
    let (one, ceiling) = simulate_markets(1);
    let part = 1.0 / limits.jobs_per_block(&costs, 1).unwrap() as f64;
    let most = ceiling * (1.0 + part);
    assert!(one.jobs_per_second <= most, "{} > {most}", one.jobs_per_second);
    assert!(one.jobs_per_second >= ceiling * 0.85, "{} < {ceiling}", one.jobs_per_second);
    assert!(one.chain.account_share > 0.97 && one.chain.account_share <= 1.0, "{one:?}");
    assert!(one.chain.block_share < 0.6, "{one:?}");
    // A tenth of the jobs is too much, and their waiting times grow as long as they come.
    assert!(one.waits.is_none() && one.backlog_growth > 0, "{one:?}");

    let (two, _) = simulate_markets(2);
    assert!(two.jobs_per_second > one.jobs_per_second * 1.8, "{two:?}");
}

#[test]
fn the_same_seed_has_the_same_result() {
    let churn = Some(Churn { mean_life_seconds: 500.0, mean_repair_seconds: 50.0 });
    let scenario = Scenario { markets: 3, churn, ..ideal_market(20, 0.8, 30.0, 3_000.0) };
    let [one, again] = [(); 2].map(|()| simulate(&scenario).unwrap());
    assert_eq!(one, again);
    assert!(one.failures > 0 && one.finished > 0, "{one:?}");

    let other = simulate(&Scenario { seed: 6, ..scenario }).unwrap();
    assert_ne!(one, other);
}

/// A job of fixed length `d` ends before its node fails with the probability exp(−f d), for a
/// failure rate `f`: it returns exp(f d) − 1 times.
#[test]
fn jobs_return_as_often_as_nodes_fail() {
    let (run, mean_life) = (10.0, 100.0);
    let scenario = Scenario {
        service: ServiceTimes::Measured(vec![run]),
        clocks: MarketClocks {
            start_seconds: 5.0,
            heartbeat_seconds: 3.0,
            min_run_seconds: 0.0,
            max_attempts: u32::MAX,
        },
        // So short that no start is missed.
        churn: Some(Churn { mean_life_seconds: mean_life, mean_repair_seconds: 0.001 }),
        ..ideal_market(50, 0.5, run, 40_000.0)
    };
    let outcome = simulate(&scenario).unwrap();

    let expected = (run / mean_life).exp() - 1.0;
    let returned = outcome.requeues_per_job;
    assert!((returned / expected - 1.0).abs() < 0.08, "{returned}, expected {expected}");
    assert_eq!(outcome.exhausted, 0);
}

#[test]
fn nodes_that_stay_down_miss_starts_and_jobs_are_given_up() {
    let clocks = MarketClocks {
        start_seconds: 20.0,
        heartbeat_seconds: 30.0,
        min_run_seconds: 0.0,
        max_attempts: 1,
    };
    let churn = Some(Churn { mean_life_seconds: 100.0, mean_repair_seconds: 100.0 });
    let scenario = Scenario { clocks, churn, ..ideal_market(50, 0.2, 20.0, 4_000.0) };
    let outcome = simulate(&scenario).unwrap();
    assert!(outcome.late_starts > 0 && outcome.exhausted > 0, "{outcome:?}");
}

#[test]
fn batches_wait_longer_than_single_jobs() {
    let single = ideal_market(50, 0.6, 30.0, 10_000.0);
    let rate = 50.0 * 0.6 / 30.0;
    let batched = Scenario {
        arrivals: Arrivals::Random { rate: 0.0, batch_rate: rate / 40.0, batch: 40 },
        ..single.clone()
    };
    let [single, batched] = [single, batched].map(|scenario| simulate(&scenario).unwrap());
    let [one_by_one, at_once] = [&single, &batched].map(|outcome| outcome.waits.unwrap().p95);
    assert!(at_once > 2.0 * one_by_one, "{batched:?} and {single:?}");
    assert!((batched.utilization - single.utilization).abs() < 0.1, "{batched:?}");
}

#[test]
fn the_last_market_has_fewer_nodes_and_its_part_of_the_jobs() {
    let scenario = Scenario { markets: 4, ..ideal_market(10, 0.5, 30.0, 20_000.0) };
    let nodes: Vec<usize> = (0..4).map(|market| scenario.nodes_of(market)).collect();
    assert_eq!(nodes, [3, 3, 2, 2]);

    let outcome = simulate(&scenario).unwrap();
    assert!((outcome.utilization - 0.5).abs() < 0.02, "{outcome:?}");
    let (from, to) = scenario.window();
    let expected = 10.0 * 0.5 / 30.0 * crate::time::to_seconds(to - from);
    assert!((outcome.listed as f64 / expected - 1.0).abs() < 0.03, "{outcome:?}");
    assert!(simulate(&Scenario { markets: 11, ..scenario }).is_err());
}

/// A slot whose jobs are shorter than the shortest run waits for its end.
#[test]
fn short_runs_keep_their_slots_for_the_shortest_run() {
    let scenario = ideal_market(10, 0.9, 1.0, 10_000.0);
    let clocks = MarketClocks { min_run_seconds: 4.0, ..scenario.clocks };
    let service = ServiceTimes::Measured(vec![1.0]);
    let outcome = simulate(&Scenario { clocks, service, ..scenario }).unwrap();
    assert!((outcome.utilization - 0.25).abs() < 0.005, "{outcome:?}");
}

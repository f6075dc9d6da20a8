//! The model against what the theory of queues and the cost model say.

use crate::{
    costs::{BlockLimits, Costs},
    engine::simulate,
    scenario::{Begin, Churn, MarketClocks, Scenario},
    service::{Arrivals, ServiceTimes},
};

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

/// A market of nodes with one slot that do not fail, on a chain without limits.
fn ideal_market(nodes: usize, load: f64, mean_run: f64, jobs: f64) -> Scenario {
    let rate = nodes as f64 * load / mean_run;
    let seconds = jobs / rate;
    Scenario {
        markets: 1,
        nodes,
        slots_per_node: 1,
        arrivals: Arrivals::Random { rate, batch_rate: 0.0, batch: 1 },
        service: ServiceTimes::Exponential(mean_run),
        clocks: MarketClocks::DEFAULT,
        churn: None,
        reaction_seconds: 0.0,
        costs: Costs::FREE,
        limits: BlockLimits::UNLIMITED,
        begin: Begin::Busy(load),
        seconds,
        warm_up_seconds: seconds * 0.1,
        seed: 5,
    }
}

#[test]
fn the_formula_has_the_values_of_its_tables() {
    // One server: the probability is the load. Two at half load: a third.
    assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
    assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
}

#[test]
fn waiting_times_and_utilization_are_those_of_the_formula() {
    let (nodes, load, mean_run) = (5, 0.7, 100.0);
    let outcome = simulate(&ideal_market(nodes, load, mean_run, 200_000.0)).unwrap();

    let offered = load * nodes as f64;
    let expected = erlang_c(nodes, offered) * mean_run / (nodes as f64 - offered);
    let waited = outcome.waits.mean;
    assert!((waited / expected - 1.0).abs() < 0.12, "{waited} s, and the formula has {expected} s");
    assert!((outcome.utilization - load).abs() < 0.02, "{}", outcome.utilization);
    assert_eq!(outcome.requeues_per_job, 0.0);
}

#[test]
fn the_limit_of_an_account_caps_the_jobs_of_a_market() {
    let costs = Costs::from_baseline().unwrap();
    // A twentieth of the real limits, so that few jobs fill the blocks.
    let limits = BlockLimits { block_units: 3_000_000, account_units: 1_200_000, slot_ms: 400 };
    let simulate_markets = |markets: usize| {
        let ceiling = limits.find_ceiling(&costs, 1);
        let rate = ceiling * 1.1;
        let scenario = Scenario {
            markets,
            arrivals: Arrivals::Random { rate, batch_rate: 0.0, batch: 1 },
            begin: Begin::Busy(0.25),
            seconds: 150.0,
            warm_up_seconds: 30.0,
            costs,
            limits,
            ..ideal_market(4_000, 0.5, 10.0, 1.0)
        };
        (simulate(&scenario).unwrap(), ceiling)
    };

    // Blocks have room for a part of a job more than the formula's whole ones.
    let (one, ceiling) = simulate_markets(1);
    assert!(one.jobs_per_second <= ceiling * 1.05, "{} > {ceiling}", one.jobs_per_second);
    assert!(one.jobs_per_second >= ceiling * 0.85, "{} < {ceiling}", one.jobs_per_second);
    assert!(one.chain.account_share > 0.97 && one.chain.account_share <= 1.001, "{one:?}");
    assert!(one.chain.block_share < 0.6, "{one:?}");

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
        clocks: MarketClocks { start_seconds: 5.0, heartbeat_seconds: 3.0, max_attempts: u32::MAX },
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
    let clocks = MarketClocks { start_seconds: 20.0, heartbeat_seconds: 30.0, max_attempts: 1 };
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
    assert!(batched.waits.p95 > 2.0 * single.waits.p95, "{batched:?} and {single:?}");
    assert!((batched.utilization - single.utilization).abs() < 0.1, "{batched:?}");
}

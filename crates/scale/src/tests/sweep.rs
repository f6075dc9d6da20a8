use crate::{
    costs::Costs,
    load::{HIGH_LOAD, LOADS},
    scenario::Scenario,
    service::Arrivals,
    sweep::{MEASURED_RUNS, SweepConfig, WARM_UP_RUNS},
};

fn find_offered(scenario: &Scenario) -> f64 {
    match scenario.arrivals {
        Arrivals::Random { rate, batch_rate, batch } => rate + batch_rate * batch as f64,
        Arrivals::At(_) => 0.0,
    }
}

#[test]
fn no_market_is_without_a_node() {
    let sweep = SweepConfig::full();
    let points = sweep.list_points();
    assert!(points.iter().all(|(nodes, markets, _)| markets <= nodes));
    assert_eq!(points.len(), (5 * 3 - 1) * LOADS.len());
    assert_eq!(sweep.list_omitted(), [(10, 16)]);
}

#[test]
fn bursts_list_as_much_as_their_load_says() {
    let mut sweep = SweepConfig { reaction_seconds: 0.0, ..SweepConfig::quick() };
    sweep.clocks.min_run_seconds = 0.0;
    let [steady, bursts] = [LOADS[1], LOADS[3]]
        .map(|load| find_offered(&sweep.build_scenario(400, 4, load, Costs::FREE)));
    // 400 slots, each of which runs a job of 30 seconds every 31 seconds.
    assert!((steady - 0.8 * 400.0 / 31.0).abs() < 1e-9, "{steady}");
    assert!((steady - bursts).abs() < 1e-9, "{bursts}");
}

#[test]
fn runs_end_in_the_simulated_time_however_many_jobs_that_takes() {
    let costs = Costs::from_baseline().unwrap();
    for sweep in [SweepConfig::full(), SweepConfig::quick()] {
        let run = sweep.service.mean();
        for (nodes, markets, load) in sweep.list_points() {
            let scenario = sweep.build_scenario(nodes, markets, load, costs);
            let warm_up = scenario.warm_up_seconds;
            let measured = scenario.seconds - warm_up;
            assert!(warm_up >= WARM_UP_RUNS * run, "{nodes} nodes: {warm_up} s");
            assert!(measured >= MEASURED_RUNS * run - 1e-6, "{nodes} nodes: {measured} s");

            let jobs = find_offered(&scenario) * measured;
            assert!(jobs >= sweep.jobs as f64 * 0.999, "{nodes} nodes: {jobs} jobs");
        }
    }
}

#[test]
fn only_jobs_that_blocks_have_room_for_are_waited_for() {
    let costs = Costs::from_baseline().unwrap();
    let drain = |markets| {
        let scenario = SweepConfig::full().build_scenario(100_000, markets, HIGH_LOAD, costs);
        scenario.drain_seconds
    };
    assert_eq!(drain(1), 0.0);
    assert!(drain(16) > 0.0);
}

use serde_json::Value;

use crate::costs::{BlockLimits, Costs};

#[test]
fn the_queue_bounds_one_market_and_the_block_bounds_many() {
    let costs = Costs { list: 10, work: 5, finish: 3, settle: 2, start: 4, ..Costs::FREE };
    let limits = BlockLimits { block_units: 240, account_units: 100, slot_ms: 400 };
    assert_eq!((costs.queue_units(), costs.job_units()), (20, 24));
    // Five jobs fit onto one queue, ten into the block.
    assert_eq!(limits.find_ceiling(&costs, 1), 12.5);
    assert_eq!(limits.find_ceiling(&costs, 2), 25.0);
    assert_eq!(limits.find_ceiling(&costs, 16), 25.0);
    assert!(limits.find_ceiling(&Costs::FREE, 1).is_infinite());
}

#[test]
fn the_baseline_has_every_instruction() {
    let costs = Costs::from_baseline().unwrap();
    assert!(costs.list > costs.start && costs.start > costs.heartbeat, "{costs:?}");
    let [one, many] = [1, 16].map(|markets| BlockLimits::AGAVE.find_ceiling(&costs, markets));
    assert!(one > 0.0 && many > one && many < 16.0 * one, "{one} and {many}");
}

/// `nosana bench scale` and the suite `throughput` have the same ceilings.
#[test]
fn a_whole_job_costs_what_the_suite_throughput_measured() {
    let text = include_str!("../../../../bench/baseline.json");
    let baseline: Value = serde_json::from_str(text).unwrap();
    let expected = baseline["blocks"]["a whole job"]["total"].as_u64();
    assert_eq!(Some(Costs::from_baseline().unwrap().job_units()), expected);
}

use crate::{load::HIGH_LOAD, service::ServiceTimes, sweep::SweepConfig};

#[test]
fn a_point_has_results_and_a_chain_load() {
    let point = SweepConfig::quick().simulate_point(100, 4, HIGH_LOAD).unwrap();
    let chain = point.outcome.chain;
    let waits = point.outcome.waits.unwrap();
    assert!((0.97..1.03).contains(&point.served_share()), "{point:?}");
    assert!(waits.median > 0.0 && waits.median <= waits.p95 && waits.p95 <= waits.p99);
    assert!((0.8..1.0).contains(&point.outcome.utilization), "{point:?}");
    assert!((1e-5..0.01).contains(&chain.block_share), "{chain:?}");
    assert!((1e-5..0.01).contains(&chain.account_share), "{chain:?}");
    assert!(!point.piles_up);

    let spread = point.p95_spread.unwrap();
    assert_eq!(point.seeds, 5);
    assert!(spread.least < waits.p95 && waits.p95 < spread.most, "{point:?}");
}

/// Short runs, so that few nodes list more than blocks have room for.
#[test]
fn jobs_beyond_the_chain_pile_up_and_blocks_carry_what_they_have_room_for() {
    let sweep = SweepConfig {
        service: ServiceTimes::Exponential(1.0),
        churn: None,
        seeds: 1,
        ..SweepConfig::full()
    };
    let point = sweep.simulate_point(15_000, 1, HIGH_LOAD).unwrap();
    let whole = point.ceiling_per_second;
    let jobs_per_block = whole * 0.4;
    let results = point.outcome.jobs_per_second;
    assert!(point.offered_per_second > whole && point.piles_up, "{point:?}");
    assert!(results <= whole * (1.0 + 1.0 / jobs_per_block), "{results} > {whole}");
    assert!(results > whole * 0.8, "{results} of {whole}");
    assert!(point.outcome.chain.account_share <= 1.0, "{point:?}");
    assert_eq!((point.outcome.waits, point.p95_spread), (None, None));
    assert!(point.outcome.unstarted > 0 && point.served_share() < 1.0, "{point:?}");

    assert!(sweep.simulate_point(100_001, 1, HIGH_LOAD).is_err());
}

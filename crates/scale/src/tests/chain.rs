use crate::{
    chain::{Chain, ChainTotals, Writes},
    costs::{BlockLimits, Costs},
    time::{NANOS_PER_SECOND, Nanos},
};

const SLOT: Nanos = NANOS_PER_SECOND;
const COSTS: Costs = Costs {
    list: 4,
    work: 4,
    start: 1,
    heartbeat: 1,
    finish: 4,
    settle: 4,
    clean: 1,
    quit: 4,
    expire_run: 4,
    expire_match: 4,
};

fn chain() -> Chain {
    let limits = BlockLimits { block_units: 20, account_units: 10, slot_ms: 1_000 };
    Chain::new(limits, &COSTS, 3, 0, 2 * SLOT)
}

#[test]
fn transactions_of_one_queue_wait_for_room_on_it_and_others_for_room_in_the_block() {
    let mut chain = chain();
    let blocks = |chain: &mut Chain, market: usize, count: usize| -> Vec<u64> {
        (0..count).map(|_| chain.send(5, market, 4, Writes::Queue) / SLOT).collect()
    };
    assert_eq!(blocks(&mut chain, 0, 5), [1, 1, 2, 2, 3]);
    assert_eq!(blocks(&mut chain, 1, 2), [1, 1]);
    // Sixteen of twenty units are in the first block: one more fits.
    assert_eq!(blocks(&mut chain, 2, 2), [1, 2]);
    assert_eq!(chain.send(5, 0, 1, Writes::Own) / SLOT, 2);
    assert_eq!(chain.send(2 * SLOT, 0, 4, Writes::Queue) / SLOT, 3);
    assert_eq!(chain.send(90 * SLOT, 0, 4, Writes::Queue) / SLOT, 91);
}

#[test]
fn only_the_measured_time_counts() {
    let mut chain = chain();
    for _ in 0..3 {
        chain.send(0, 1, 4, Writes::Queue);
    }
    chain.send(0, 0, 1, Writes::Own);
    // The third lands in block 2, which is the end of the measured time.
    let expected = ChainTotals { units: 9, on_queues: vec![0, 8, 0], transactions: 3 };
    assert_eq!(chain.measured, expected);
}

//! Where a job goes when its node gave it back, lost it, or did not start it.

use nosana_client::{
    Event, actions,
    jobs::{
        self,
        types::{Hardware, MarketTerms},
    },
    pda,
};
use nosana_protocol::{
    job::{Reason, State},
    slot::{
        NODE_SLOTS,
        SlotState::{self, Free, Resting, Waiting},
    },
};
use nosana_tests::{
    Executed,
    terms::{HARDWARE, NOTICE, batch, challenged, terms},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{apply_terms, propose_terms, state_and_reason},
};

/// The node of this owner.
fn node_address(owner: &Keypair) -> Address {
    pda::jobs::node(&owner.pubkey())
}

/// The states of the node's slots, up to the last one that is not free.
async fn slot_states(world: &World, owner: &Keypair) -> Vec<SlotState> {
    let node = world.node_of(owner).await;
    let state = |byte| SlotState::from_byte(byte).expect("the protocol knows the state");
    let mut states: Vec<SlotState> = node.slots.iter().map(|slot| state(slot.state)).collect();
    while states.last() == Some(&Free) {
        states.pop();
    }
    states
}

/// A world in which `node` holds a job and waits for more, in the order that `line` names: `true`
/// for that node.
async fn new_world(line: &[bool], start: bool) -> (World, Address) {
    let world = World::new(terms()).await;
    for owner in [&world.node, &world.other_node] {
        let most = Hardware { capacity: NODE_SLOTS, ..HARDWARE };
        world.run(actions::update_hardware(owner.pubkey(), most), &[owner]).await;
    }
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    if start {
        world.start(&world.node, &job).await;
    }
    for own in line {
        world.work(if *own { &world.node } else { &world.other_node }).await;
    }
    (world, job)
}

fn nodes_that_left(done: &Executed) -> Vec<Address> {
    let left = done.events().into_iter().filter_map(|event| match event {
        Event::Jobs(jobs::events::Event::NodeLeft(left)) => Some(left.node),
        _ => None,
    });
    left.collect()
}

/// The most that a return may cost which passes or removes all places that a node can have, in
/// compute units: a transaction with one instruction has 200,000 if it requests no other limit.
const MOST_UNITS: u64 = 60_000;

#[tokio::test]
async fn a_job_is_not_matched_with_the_node_that_just_failed_it() {
    let mut behind_all = [true; NODE_SLOTS as usize];
    behind_all[NODE_SLOTS as usize - 1] = false;
    let mut keeps_all = [Waiting; NODE_SLOTS as usize];
    keeps_all[0] = Resting;

    // Who waits, how many places the node gives up, what its slots are used for then.
    let cases: [(&[bool], usize, &[SlotState]); 7] = [
        (&[true], 1, &[Resting]),
        (&[true, true], 2, &[Resting]),
        (&[true; NODE_SLOTS as usize - 1], NODE_SLOTS as usize - 1, &[Resting]),
        (&[true, false], 0, &[Resting, Waiting]),
        (&[false, true], 0, &[Resting, Waiting]),
        (&[true, true, false, true], 0, &[Resting, Waiting, Waiting, Waiting]),
        (&behind_all, 0, &keeps_all),
    ];
    for start in [true, false] {
        for (line, given_up, after) in cases {
            let (world, job) = new_world(line, start).await;
            world.advance_clock(10);
            let done = world.quit(&world.node, &job).await;
            assert!(done.compute_units < MOST_UNITS, "{line:?}: {}", done.compute_units);
            assert_eq!(
                nodes_that_left(&done),
                vec![node_address(&world.node); given_up],
                "{line:?}"
            );
            assert_eq!(slot_states(&world, &world.node).await, after, "{line:?}");
            let kept = after.iter().filter(|state| **state == Waiting).count() as u64;
            let locked = 1 + line.iter().filter(|own| **own).count() as u64;
            let collateral = terms().collateral_per_job;
            assert_eq!(
                world.collateral_of(&world.node).await,
                (locked * collateral, (locked - kept) * collateral),
                "{line:?}"
            );
            let stored = world.job(&job).await;
            if line.contains(&false) {
                assert_eq!(
                    (state_and_reason(&stored).0, stored.node),
                    (State::Matched, node_address(&world.other_node))
                );
                let places = vec![node_address(&world.node); kept as usize];
                assert_eq!(world.waiting().await, places, "{line:?}");
            } else {
                assert_eq!(
                    (state_and_reason(&stored).0, stored.node),
                    (State::Queued, Address::default())
                );
                assert_eq!(world.waiting().await, [job]);
            }
            assert_eq!(u8::from(start), stored.attempts);
        }
    }
}

#[tokio::test]
async fn nor_with_one_that_fell_silent_or_did_not_start() {
    for start in [true, false] {
        let (world, job) = new_world(&[true, false], start).await;
        world.advance_clock(u64::from(terms().start_seconds) + 1);
        let done = if start {
            world.expire_run(&job, &world.node).await
        } else {
            world.expire_match(&job, &world.node).await
        };
        assert_eq!(nodes_that_left(&done), [node_address(&world.node)]);
        assert_eq!(
            slot_states(&world, &world.node).await,
            [Resting],
            "a clock that ran out does not avoid the rest"
        );
        let stored = world.job(&job).await;
        assert_eq!(
            (state_and_reason(&stored).0, stored.node, stored.attempts),
            (State::Matched, node_address(&world.other_node), 1)
        );
        let slashed = if start { 0 } else { terms().no_start_penalty };
        assert_eq!(world.stake_of(&world.node).await.slashed, slashed);
        let collateral = 2 * terms().collateral_per_job - slashed;
        assert_eq!(world.release_all(&world.node).await, collateral);
        world.start(&world.other_node, &job).await;
    }
}

#[tokio::test]
async fn who_fell_silent_loses_only_the_places_in_front() {
    let (world, job) = new_world(&[true, true, false, true], true).await;
    world.advance_clock(u64::from(terms().start_seconds) + 1);
    let done = world.expire_run(&job, &world.node).await;
    let node = node_address(&world.node);
    assert_eq!(nodes_that_left(&done), [node, node]);
    assert_eq!(world.job(&job).await.node, node_address(&world.other_node));
    assert_eq!(world.waiting().await, [node]);
    assert_eq!(slot_states(&world, &world.node).await, [Resting, Waiting]);
}

#[tokio::test]
async fn a_rejected_result_costs_its_node_no_place() {
    let world = World::new(challenged()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    for owner in [&world.node, &world.other_node] {
        world.work(owner).await;
    }

    let done = world.reject(&job, true).await;
    assert!(nodes_that_left(&done).is_empty());
    assert_eq!(world.job(&job).await.node, node_address(&world.other_node));
    assert_eq!(world.waiting().await, [node_address(&world.node)]);
}

pub async fn a_job_that_no_waiting_node_would_take_is_refunded() -> World {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.client).await;
    world
        .run(
            propose_terms(&world, MarketTerms { price_per_second: 50, ..terms() }),
            &[&world.deployer],
        )
        .await;

    world.advance_clock(NOTICE.into());
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.run(apply_terms(&world), &[]).await;
    world.work(&world.node).await;
    world
        .run(actions::work(world.other_node.pubkey(), world.market, 50), &[&world.other_node])
        .await;
    let done = world.quit(&world.node, &job).await;
    assert!(nodes_that_left(&done).is_empty());
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Unplaceable));
    assert_eq!(world.tokens(&world.client).await, before);
    assert_eq!(world.waiting().await, [&world.node, &world.other_node].map(node_address));
    world.leave(&world.node).await;
    assert_eq!(world.release_all(&world.node).await, 2 * terms().collateral_per_job);
    world
}

pub async fn a_matched_job_is_bound_until_the_start_clock_has_run_out() -> World {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    let job = world.list(batch(1)).await;
    let stop =
        actions::stop(world.client.pubkey(), job, &world.job(&job).await, world.node.pubkey());
    world.refuse(jobs::Error::WrongState, stop.clone(), &[&world.client]).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.refuse(jobs::Error::WrongState, stop, &[&world.client]).await;
    world.expire_match(&job, &world.node).await;
    world.cancel(&job).await;
    world
}

//! What follows when a node gives a job back, loses it, or does not start it.

use nosana_client::{
    Event, actions,
    jobs::{
        self,
        types::{Hardware, MarketTerms},
    },
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Done,
    terms::{HARDWARE, NOTICE, batch, terms},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    FREE, OFFERED, RESTING, RUNNING, WAITING, World, application, first_slot, one_slot, proposal,
    standing,
};

fn node(owner: &Keypair) -> Address {
    pda::jobs::node(&owner.pubkey())
}

fn work(world: &World, owner: &Keypair) -> jobs::instructions::Work {
    actions::work(owner.pubkey(), world.market, 1)
}

/// The slot rests until `until`, and takes work in the second after it.
async fn check_rest(world: &World, owner: &Keypair, until: i64) {
    let slot = first_slot(world, owner).await;
    assert_eq!((slot.state, slot.since, slot.collateral), (RESTING, until, 0));
    assert_eq!(world.stake_of(owner).await.locked, 0);
    world.travel(until);
    world.refuse(jobs::Error::NoFreeSlot, work(world, owner), &[owner]).await;
    world.pass(1);
    world.run(work(world, owner), &[owner]).await;
}

/// What the node's slots are used for.
async fn slots(world: &World, owner: &Keypair) -> [u8; 8] {
    world.node_of(owner).await.slots.map(|slot| slot.state)
}

#[tokio::test]
async fn a_refusal_rests_the_slot_as_long_as_holding_on_would_have() {
    let world = World::new(terms()).await;
    one_slot(&world, &world.node).await;
    let [first, second] = [world.list(batch(1)).await, world.list(batch(2)).await];
    world.work(&world.node).await;
    assert_eq!(first_slot(&world, &world.node).await.state, OFFERED);
    let taken = world.now();
    world.pass(50);
    world.quit(&world.node, &first).await;
    assert_eq!(world.waiting().await, [second, first], "it goes to the back");
    let stored = world.job(&first).await;
    assert_eq!((standing(&stored), stored.attempts), ((State::Queued, Reason::None), 0));
    assert_eq!(world.node_of(&world.node).await.jobs_failed, 0);
    check_rest(&world, &world.node, taken + i64::from(terms().start_seconds)).await;
}

#[tokio::test]
async fn a_refusal_of_a_job_that_met_the_node_counts_from_then() {
    let world = World::new(terms()).await;
    one_slot(&world, &world.node).await;
    world.work(&world.node).await;
    world.pass(1_000);
    let job = world.list(batch(1)).await;
    let met = world.now();
    world.pass(50);
    world.quit(&world.node, &job).await;
    assert_eq!((world.waiting().await, world.job(&job).await.attempts), (vec![job], 0));
    check_rest(&world, &world.node, met + i64::from(terms().start_seconds)).await;
}

#[tokio::test]
async fn a_failure_rests_the_slot_as_long_as_silence_would_have() {
    // The heartbeat's time, and no less than a refusal's: starting first is not the cheaper way to
    // refuse.
    for (heartbeat_seconds, rest) in [(300, 300), (60, 120)] {
        let world = World::new(MarketTerms { heartbeat_seconds, ..terms() }).await;
        one_slot(&world, &world.node).await;
        let [first, second] = [world.list(batch(1)).await, world.list(batch(2)).await];
        world.work_and_start(&world.node, &first).await;
        assert_eq!(first_slot(&world, &world.node).await.state, RUNNING);
        world.pass(50);
        world.quit(&world.node, &first).await;
        assert_eq!(world.waiting().await, [first, second], "it goes to the head");
        let stored = world.job(&first).await;
        assert_eq!((standing(&stored), stored.attempts), ((State::Queued, Reason::None), 1));
        assert_eq!(world.node_of(&world.node).await.jobs_failed, 1);
        check_rest(&world, &world.node, world.now() + rest).await;
    }
}

/// A world in which `node` holds a job and waits for more, in the order that `line` names: `true`
/// for that node.
async fn stage(line: &[bool], start: bool) -> (World, Address) {
    let world = World::new(terms()).await;
    for owner in [&world.node, &world.other_node] {
        let update = actions::update_hardware(owner.pubkey(), Hardware { capacity: 8, ..HARDWARE });
        world.run(update, &[owner]).await;
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

fn left(done: &Done) -> Vec<Address> {
    let left = done.events().into_iter().filter_map(|event| match event {
        Event::Jobs(jobs::events::Event::NodeLeft(left)) => Some(left.node),
        _ => None,
    });
    left.collect()
}

#[tokio::test]
async fn a_job_is_not_met_by_the_node_that_just_failed_it() {
    const NO: u8 = FREE;
    // Who waits, how many places the node gives up, what its slots are used for then.
    let cases: [(&[bool], usize, [u8; 8]); 5] = [
        (&[true], 1, [RESTING, NO, NO, NO, NO, NO, NO, NO]),
        (&[true, true], 2, [RESTING, NO, NO, NO, NO, NO, NO, NO]),
        (&[true, false], 1, [RESTING, NO, NO, NO, NO, NO, NO, NO]),
        (&[false, true], 0, [RESTING, WAITING, NO, NO, NO, NO, NO, NO]),
        (&[true, true, false, true], 2, [RESTING, NO, NO, WAITING, NO, NO, NO, NO]),
    ];
    for start in [true, false] {
        for (line, given_up, after) in cases {
            let (world, job) = stage(line, start).await;
            world.pass(10);
            let done = world.quit(&world.node, &job).await;
            assert_eq!(left(&done), vec![node(&world.node); given_up], "{line:?}");
            assert_eq!(slots(&world, &world.node).await, after, "{line:?}");
            let kept = after.iter().filter(|state| **state == WAITING).count() as u64;
            assert_eq!(
                world.stake_of(&world.node).await.locked,
                kept * terms().collateral_per_job,
                "{line:?}"
            );
            let stored = world.job(&job).await;
            if line.contains(&false) {
                assert_eq!(
                    (standing(&stored).0, stored.node),
                    (State::Matched, node(&world.other_node))
                );
                assert_eq!(world.waiting().await.len() as u64, kept);
            } else {
                assert_eq!((standing(&stored).0, stored.node), (State::Queued, Address::default()));
                assert_eq!(world.waiting().await, [job]);
            }
            assert_eq!(u8::from(start), stored.attempts);
        }
    }
}

#[tokio::test]
async fn nor_by_one_that_fell_silent_or_did_not_start() {
    for start in [true, false] {
        let (world, job) = stage(&[true, false], start).await;
        world.pass(u64::from(terms().start_seconds) + 1);
        let done = if start {
            world.expire_run(&job, &world.node).await
        } else {
            world.expire_match(&job, &world.node).await
        };
        assert_eq!(left(&done), [node(&world.node)]);
        assert_eq!(
            slots(&world, &world.node).await,
            [FREE; 8],
            "a clock that ran out leaves no rest"
        );
        let stored = world.job(&job).await;
        assert_eq!(
            (standing(&stored).0, stored.node, stored.attempts),
            (State::Matched, node(&world.other_node), 1)
        );
        let stake = world.stake_of(&world.node).await;
        assert_eq!(
            (stake.locked, stake.slashed),
            (0, if start { 0 } else { terms().no_start_penalty })
        );
        world.start(&world.other_node, &job).await;
    }
}

#[tokio::test]
async fn a_job_that_nobody_in_line_would_take_is_refunded() {
    let world = World::new(terms()).await;
    let before = world.tokens(&world.client).await;
    world
        .run(proposal(&world, MarketTerms { price_per_second: 50, ..terms() }), &[&world.deployer])
        .await;
    world.pass(NOTICE.into());
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.run(application(&world), &[]).await;
    world.work(&world.node).await;
    world
        .run(actions::work(world.other_node.pubkey(), world.market, 50), &[&world.other_node])
        .await;
    let done = world.quit(&world.node, &job).await;
    assert_eq!(left(&done), [node(&world.node)]);
    assert_eq!(standing(&world.job(&job).await), (State::Settled, Reason::Unplaceable));
    assert_eq!(world.tokens(&world.client).await, before);
    assert_eq!(world.waiting().await, [node(&world.other_node)]);
    assert_eq!(world.stake_of(&world.node).await.locked, 0);
}

#[tokio::test]
async fn a_job_that_met_a_node_is_bound_until_the_start_clock_has_run_out() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    let job = world.list(batch(1)).await;
    let stop =
        actions::stop(world.client.pubkey(), job, &world.job(&job).await, world.node.pubkey());
    world.refuse(jobs::Error::WrongState, stop.clone(), &[&world.client]).await;
    let cancel = actions::cancel(job, &world.job(&job).await, 0);
    world.refuse(jobs::Error::WrongState, cancel, &[&world.client]).await;
    world.pass(u64::from(terms().start_seconds) + 1);
    world.refuse(jobs::Error::WrongState, stop, &[&world.client]).await;
    world.expire_match(&job, &world.node).await;
    world.cancel(&job).await;
}

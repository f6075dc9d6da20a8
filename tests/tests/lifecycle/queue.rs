//! The queue as it fills, wraps around, grows and is compacted.

use nosana_client::{actions, jobs, pda};
use nosana_tests::{
    Bank, World,
    terms::{batch, terms},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::world;

/// Cells of a new queue.
const CELLS: u32 = 250;

async fn grow(world: &World<Bank>, cells: u32) {
    let queue = pda::jobs::queue(&world.market);
    let grow = jobs::instructions::GrowQueue { payer: world.stranger.pubkey(), market: world.market, queue, cells };
    world.run(grow, &[&world.stranger]).await;
}

fn compact(world: &World<Bank>, limit: u32) -> jobs::instructions::CompactQueue {
    jobs::instructions::CompactQueue { market: world.market, queue: pda::jobs::queue(&world.market), limit }
}

/// Lists this many jobs.
async fn list(world: &World<Bank>, count: u64) -> Vec<Address> {
    let mut jobs = Vec::new();
    for nonce in 0..count {
        jobs.push(world.list(batch(100 + nonce)).await);
    }
    jobs
}

#[tokio::test]
async fn first_come_first_served() {
    let world = world(terms()).await;
    let jobs = list(&world, 3).await;
    assert_eq!(world.waiting().await, jobs);
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    assert_eq!(world.node_of(&world.node).await.slots[0].job, jobs[0]);
    assert_eq!(world.node_of(&world.other_node).await.slots[0].job, jobs[1]);
    assert_eq!(world.waiting().await, [jobs[2]]);

    world.cancel(&jobs[2]).await;
    world.work(&world.other_node).await;
    world.work(&world.node).await;
    let [node, other_node] = [&world.node, &world.other_node].map(|owner| pda::jobs::node(&owner.pubkey()));
    assert_eq!(world.waiting().await, [other_node, node]);
    world.leave(&world.other_node).await;
    assert_eq!(world.waiting().await, [node]);
    let last = world.list(batch(1)).await;
    assert_eq!(world.job(&last).await.node, node);
}

#[tokio::test]
async fn a_queue_that_wraps_around_grows_in_order() {
    let world = world(terms()).await;
    let first = world.list(batch(1)).await;
    world.work(&world.node).await;
    let rest = list(&world, 2).await;
    world.quit(&world.node, &first).await;
    let queue = world.queue().await;
    assert_eq!((queue.ring.head, queue.index_of(&first), queue.capacity), (CELLS - 1, Some(CELLS - 1), CELLS));

    let rent = world.lamports(&pda::jobs::queue(&world.market)).await;
    grow(&world, 100).await;
    let queue = world.queue().await;
    assert_eq!((queue.capacity, queue.index_of(&first)), (CELLS + 100, Some(CELLS + 99)));
    assert!(world.lamports(&pda::jobs::queue(&world.market)).await > rent);
    let order = [first, rest[0], rest[1]];
    assert_eq!(world.waiting().await, order);
    for job in order {
        world.work_and_start(&world.node, &job).await;
        world.finish(&world.node, &job).await;
    }
}

#[tokio::test]
async fn a_queue_that_does_not_wrap_grows_in_place() {
    let world = world(terms()).await;
    grow(&world, CELLS).await;
    let jobs = list(&world, 3).await;
    let before = world.queue().await;
    grow(&world, 1).await;
    let after = world.queue().await;
    assert_eq!((after.waiting, after.ring), (before.waiting, before.ring));
    assert_eq!((after.capacity, jobs.len()), (2 * CELLS + 1, 3));
}

#[tokio::test]
async fn a_wrapped_queue_keeps_its_tombstones_in_place() {
    let world = world(terms()).await;
    let first = world.list(batch(1)).await;
    let second = world.list(batch(2)).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    let rest = list(&world, 3).await;
    world.quit(&world.other_node, &second).await;
    world.quit(&world.node, &first).await;
    world.cancel(&second).await;
    world.cancel(&rest[1]).await;
    grow(&world, 7).await;
    assert_eq!(world.waiting().await, [first, rest[0], rest[2]]);
    for job in [first, rest[0], rest[2]] {
        world.work_and_start(&world.node, &job).await;
        world.finish(&world.node, &job).await;
    }
}

#[tokio::test]
async fn tombstones_at_the_head_are_compacted() {
    let world = world(terms()).await;
    let jobs = list(&world, 20).await;
    for job in jobs[1..18].iter().chain(&jobs[..1]) {
        world.cancel(job).await;
    }
    let queue = world.queue().await;
    assert_eq!((queue.ring.head, queue.ring.used, queue.ring.live), (1, 19, 2), "seventeen of them");
    let work = actions::work(world.node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::CompactFirst, work, &[&world.node]).await;
    world.run(compact(&world, 1), &[]).await;
    assert_eq!(world.queue().await.ring.used, 18);
    assert_eq!(world.waiting().await, jobs[18..]);
    world.work(&world.node).await;
    assert_eq!(world.node_of(&world.node).await.slots[0].job, jobs[18]);
    world.run(compact(&world, 250), &[]).await;
    assert_eq!(world.waiting().await, [jobs[19]]);
}

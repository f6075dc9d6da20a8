//! The queue as it fills, loses entries from its middle, and grows.

use nosana_client::{jobs, pda};
use nosana_tests::{
    Bank, World,
    terms::{batch, terms},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::world;

/// Cells of a new queue.
const CELLS: u32 = 200;

async fn grow(world: &World<Bank>, cells: u32) {
    let queue = pda::jobs::queue(&world.market);
    let grow = jobs::instructions::GrowQueue {
        payer: world.stranger.pubkey(),
        market: world.market,
        queue,
        cells,
    };
    world.run(grow, &[&world.stranger]).await;
}

/// Lists this many jobs.
async fn list_jobs(world: &World<Bank>, count: u64) -> Vec<Address> {
    list_from(world, 100, count).await
}

/// Lists this many jobs, with numbers from `first` on.
async fn list_from(world: &World<Bank>, first: u64, count: u64) -> Vec<Address> {
    let mut jobs = Vec::new();
    for nonce in first..first + count {
        jobs.push(world.list(batch(nonce)).await);
    }
    jobs
}

#[tokio::test]
async fn first_come_first_served() {
    let world = world(terms()).await;
    let jobs = list_jobs(&world, 3).await;
    assert_eq!(world.waiting().await, jobs);
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    assert_eq!(world.node_of(&world.node).await.slots[0].job, jobs[0]);
    assert_eq!(world.node_of(&world.other_node).await.slots[0].job, jobs[1]);
    assert_eq!(world.waiting().await, [jobs[2]]);

    world.cancel(&jobs[2]).await;
    world.work(&world.other_node).await;
    world.work(&world.node).await;
    let [node, other_node] =
        [&world.node, &world.other_node].map(|owner| pda::jobs::node(&owner.pubkey()));
    assert_eq!(world.waiting().await, [other_node, node]);
    world.leave(&world.other_node).await;
    assert_eq!(world.waiting().await, [node]);
    let last = world.list(batch(1)).await;
    assert_eq!(world.job(&last).await.node, node);
}

#[tokio::test]
async fn who_leaves_from_the_middle_leaves_no_gap() {
    let world = world(terms()).await;
    let jobs = list_jobs(&world, 20).await;
    for job in jobs[1..18].iter().chain(&jobs[..1]) {
        world.cancel(job).await;
    }
    assert_eq!(world.waiting().await, jobs[18..]);
    let before = world.queue().await;
    let more = list_from(&world, 200, 18).await;
    let after = world.queue().await;
    assert_eq!(
        (after.fifo.live, after.fifo.touched),
        (20, before.fifo.touched),
        "the cells are used again"
    );
    assert_eq!(world.waiting().await, [&jobs[18..], &more].concat());
    world.work(&world.node).await;
    assert_eq!(world.node_of(&world.node).await.slots[0].job, jobs[18]);
}

#[tokio::test]
async fn a_queue_grows_and_nobody_moves() {
    let world = world(terms()).await;
    let first = world.list(batch(1)).await;
    world.work_and_start(&world.node, &first).await;
    let rest = list_jobs(&world, 3).await;
    world.quit(&world.node, &first).await;
    world.cancel(&rest[1]).await;
    let before = world.queue().await;
    let rent = world.lamports(&pda::jobs::queue(&world.market)).await;
    grow(&world, CELLS).await;
    grow(&world, 1).await;
    let after = world.queue().await;
    assert_eq!((&after.waiting, after.fifo), (&before.waiting, before.fifo));
    assert_eq!(after.capacity, 2 * CELLS + 1);
    assert!(world.lamports(&pda::jobs::queue(&world.market)).await > rent);
    for job in [first, rest[0], rest[2]] {
        world.work_and_start(&world.other_node, &job).await;
        world.finish(&world.other_node, &job).await;
    }
}

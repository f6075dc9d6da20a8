//! A long queue costs no more than a short one.

use nosana_client::{
    actions,
    jobs::{self, accounts::QueueHeader},
    pda,
};
use nosana_protocol::queue::Side;
use nosana_tests::{
    Chain, Lite, World,
    terms::{batch, terms},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::meter::nonce_with_first_bump;

/// How many wait.
const WAITING: [u32; 4] = [2, 100, 1_000, 10_000];

/// Compute units of `list` and `work` while this many jobs wait, then while this many nodes do.
async fn measure_costs(world: &World<Lite>, count: u32) -> [u64; 4] {
    let client = world.client.pubkey();
    let list = actions::list(
        client,
        client,
        world.market,
        world.mint,
        batch(nonce_with_first_bump(&client, 1)),
    );
    let work = actions::work(world.node.pubkey(), world.market, 1);
    let cost = |instruction| world.simulate(&instruction).expect("it succeeds").compute_units;
    fill_queue(world, Side::Jobs, count).await;
    let jobs = [cost(list.clone().into()), cost(work.clone().into())];
    fill_queue(world, Side::Nodes, count).await;
    let nodes = [cost(list.into()), cost(work.into())];
    [jobs[0], jobs[1], nodes[0], nodes[1]]
}

/// Lets this many jobs or nodes wait. Their accounts do not exist: only the addresses are read.
async fn fill_queue(world: &World<Lite>, side: Side, count: u32) {
    let address = pda::jobs::queue(&world.market);
    let mut account = world.chain.account(&address).await.expect("there is a queue");
    let cells = account.data.split_at_mut(QueueHeader::SIZE + 4).1.as_chunks_mut::<48>().0;
    for (place, cell) in (1_u32..).zip(&mut cells[..usize::try_from(count).expect("in range")]) {
        cell[..32].copy_from_slice(Address::new_unique().as_ref());
        cell[32..40].copy_from_slice(&terms().price_per_second.to_le_bytes());
        cell[40..44].copy_from_slice(&(place - 1).to_le_bytes());
        cell[44..].copy_from_slice(&if place == count { 0 } else { place + 1 }.to_le_bytes());
    }
    world.chain.set_account(&address, account);
    let header = |it: &mut QueueHeader| {
        (it.side, it.first, it.last, it.touched, it.live) = (side as u8, 1, count, count, count)
    };
    world.tamper::<QueueHeader>(&address, header).await;
}

#[tokio::test]
async fn ten_thousand_that_wait_cost_no_more_than_two() {
    let world = World::new(terms()).await;
    let queue = pda::jobs::queue(&world.market);
    let empty = world.queue().await.header;
    for _ in 0..WAITING[3].div_ceil(200) {
        let payer = world.stranger.pubkey();
        let grow = jobs::instructions::GrowQueue { payer, market: world.market, queue, cells: 200 };
        world.run(grow, &[&world.stranger]).await;
    }
    println!(
        "{:>8} {:>12} {:>12} {:>12} {:>12}",
        "waiting", "jobs: list", "work", "nodes: list", "work"
    );
    let few = measure_costs(&world, WAITING[0]).await;
    for count in WAITING {
        let [list_jobs, work_jobs, list_nodes, work_nodes] = measure_costs(&world, count).await;
        println!("{count:>8} {list_jobs:>12} {work_jobs:>12} {list_nodes:>12} {work_nodes:>12}");
        assert_eq!([list_jobs, work_jobs, list_nodes, work_nodes], few, "{count} wait");
    }

    // Nor is the first one much cheaper than those who follow.
    world.tamper::<QueueHeader>(&queue, |it| *it = empty).await;
    let client = world.client.pubkey();
    let list = actions::list(
        client,
        client,
        world.market,
        world.mint,
        batch(nonce_with_first_bump(&client, 1)),
    );
    let first = world.simulate(&list.into()).expect("it succeeds").compute_units;
    println!("{:>8} {first:>12}", 0);
    assert!(first.abs_diff(few[0]) < 50, "{first} for the first, {} for the others", few[0]);
}

//! Changes around the programs: the price of rent, a clock that stops, an account that is closed
//! and opened again within one transaction.

use nosana_client::{actions, jobs, pda, staking};
use nosana_tests::terms::{DURATION, batch, challenged, earnings, service, terms};
use solana_signer::Signer;

use crate::World;

#[tokio::test]
async fn rent_that_rises_stops_nobody_from_leaving() {
    let mut world = World::new(terms()).await;
    let [waiting, running, over] =
        [world.list(batch(1)).await, world.list(batch(2)).await, world.list(batch(3)).await];
    world.cancel(&over).await;
    world.cancel(&waiting).await;
    world.work_and_start(&world.node, &running).await;
    world.work(&world.other_node).await;
    world.chain.set_rent_percent(1_000);

    world.advance_clock(30);
    world.finish(&world.node, &running).await;
    world.leave(&world.other_node).await;
    world.sweep_fees().await;

    world.advance_clock(300);
    world.clean(&over).await;
    world.clean(&running).await;
    world.run(actions::unstake(world.staker.pubkey()), &[&world.staker]).await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(world.staker.pubkey(), world.mint), &[&world.staker]).await;
    let stake = pda::staking::stake(&world.staker.pubkey());
    let close = staking::instructions::Close { owner: world.staker.pubkey(), stake };
    world.run(close, &[&world.staker]).await;
    // What is new pays the new price.
    world.market = world.open_market(2, terms()).await;
    let job = world.list(batch(4)).await;
    world.cancel(&job).await;
    let queue = pda::jobs::queue(&world.market);
    let grow = jobs::instructions::GrowQueue {
        payer: world.client.pubkey(),
        market: world.market,
        queue,
        cells: 200,
    };
    world.run(grow, &[&world.client]).await;
}

#[tokio::test]
async fn rent_that_falls_locks_nothing_up() {
    let world = World::new(terms()).await;
    world.chain.set_rent_percent(10);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
}

#[tokio::test]
async fn a_clock_that_stands_still_pays_one_second() {
    let world = World::new(terms()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    let (pay, fee) = earnings(1);
    assert_eq!(world.tokens(&world.node).await, node + pay);
    assert_eq!(world.tokens(&world.client).await, client - pay - fee);
    let endless = world.list(service(2)).await;
    world.work_and_start(&world.node, &endless).await;
    world.stop(&endless, &world.node).await;
    assert_eq!(world.tokens(&world.node).await, node + 2 * pay);
}

#[tokio::test]
async fn a_clock_that_runs_backwards_pays_no_more_and_traps_nobody() {
    let world = World::new(challenged()).await;
    let node = world.tokens(&world.node).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;

    world.set_clock(world.now() - 50);
    world.heartbeat(&world.node, &job).await;
    world.finish(&world.node, &job).await;

    world.advance_clock(600);
    world.settle(&job).await;
    assert_eq!(world.tokens(&world.node).await, node + earnings(1).0);
}

#[tokio::test]
async fn a_job_closed_and_listed_again_in_one_transaction_is_a_new_job() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.cancel(&job).await;

    world.advance_clock(300);
    let client = world.client.pubkey();
    let clean = actions::clean(job, &world.job(&job).await);
    let list = actions::list(client, client, world.market, world.mint, batch(1));
    let cancel = actions::cancel(job, &world.job(&job).await, 0);
    let all = [clean.into(), list.into(), cancel.into()];
    let before = world.tokens(&world.client).await;
    match world.attempt_all(&all, &[&world.client]).await {
        // Nothing was gained: the new job was paid for and refunded.
        Ok(_) => assert_eq!(world.tokens(&world.client).await, before),
        Err(_) => assert_eq!(
            world.job(&job).await.settled_at + 300,
            world.now(),
            "nothing happened at all"
        ),
    }
    world.audit().await;
}

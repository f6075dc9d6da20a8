//! Jobs that their client ends.

use nosana_client::{actions, jobs};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, deposit, earnings, service, terms};
use solana_signer::Signer;

use crate::{settlement_event, state_and_reason, world};

#[tokio::test]
async fn a_cancelled_job_is_refunded_in_full() {
    let world = world(terms()).await;
    let before = world.tokens(&world.client).await;
    let jobs = [world.list(batch(1)).await, world.list(batch(2)).await, world.list(batch(3)).await];
    assert_eq!(world.tokens(&world.client).await, before - 3 * deposit());

    for (job, left) in
        [(jobs[1], vec![jobs[0], jobs[2]]), (jobs[0], vec![jobs[2]]), (jobs[2], vec![])]
    {
        let settled = settlement_event(&world.cancel(&job).await);
        assert_eq!(
            (settled.payer_amount, settled.node_amount, settled.network_amount),
            (deposit(), 0, 0)
        );
        assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Cancelled));
        assert_eq!(world.waiting().await, left, "the others keep their places");
    }
    assert_eq!(world.tokens(&world.client).await, before);
    assert_eq!(world.queue().await.header.fees_accrued, 0);
}

#[tokio::test]
async fn a_job_that_a_node_has_taken_cannot_be_cancelled() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    let cancel = actions::cancel(job, &world.job(&job).await, world.cell(&job).await);
    world.work(&world.node).await;
    world.refuse(jobs::Error::NotInQueue, cancel, &[&world.client]).await;

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_match(&job, &world.node).await;
    world.cancel(&job).await;
}

#[tokio::test]
async fn a_stop_before_the_start_pays_nobody() {
    let world = world(terms()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;

    world.advance_clock(100);
    world.stop(&job, &world.node).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::ClientStopped));
    assert_eq!(
        (world.tokens(&world.client).await, world.tokens(&world.node).await),
        (client, node)
    );
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    world.work(&world.node).await;
    world.leave(&world.node).await;
}

#[tokio::test]
async fn a_stop_after_the_start_pays_for_the_time_until_then() {
    let world = world(terms()).await;
    for order in [batch(1), service(2)] {
        let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
        let job = world.list(order).await;
        world.work_and_start(&world.node, &job).await;
        world.heartbeat_for(100, &world.node, &job).await;
        world.advance_clock(33);
        world.stop(&job, &world.node).await;
        let (pay, fee) = earnings(133);
        assert_eq!(world.tokens(&world.node).await, node + pay);
        assert_eq!(world.tokens(&world.client).await, client - pay - fee);
        assert_eq!(
            state_and_reason(&world.job(&job).await),
            (State::Settled, Reason::ClientStopped)
        );
        assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    }
}

#[tokio::test]
async fn a_stop_does_not_pay_for_silence() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;

    world.advance_clock(u64::from(terms().heartbeat_seconds) + 1);
    let settled = settlement_event(&world.stop(&job, &world.node).await);
    assert_eq!(
        (settled.node_amount, settled.network_amount),
        earnings(100),
        "until the last heartbeat"
    );
}

#[tokio::test]
async fn a_stop_at_once_pays_a_second() {
    let world = world(terms()).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    let settled = settlement_event(&world.stop(&job, &world.node).await);
    assert_eq!((settled.node_amount, settled.network_amount), earnings(1));
}

#[tokio::test]
async fn only_the_market_of_the_job_takes_part() {
    let world = world(terms()).await;
    let other = world.open_market(2, terms()).await;
    let list =
        actions::list(world.client.pubkey(), world.client.pubkey(), other, world.mint, batch(9));
    let elsewhere = list.job;
    world.run(list, &[&world.client]).await;
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    assert_eq!(
        world.node_of(&world.node).await.slots[0].job,
        job,
        "not the job of the other market"
    );
    world.run(actions::work(world.other_node.pubkey(), other, 1), &[&world.other_node]).await;
    world.start(&world.other_node, &elsewhere).await;
    world.finish(&world.other_node, &elsewhere).await;
    world.start(&world.node, &job).await;
    world.finish(&world.node, &job).await;
}

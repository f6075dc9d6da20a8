//! Runs whose clock runs out.

use nosana_client::{actions, jobs};
use nosana_protocol::job::{Reason, State};
use nosana_tests::terms::{batch, deposit, earnings, service, terms};
use solana_signer::Signer;

use crate::{settlement_event, state_and_reason, world};

#[tokio::test]
async fn a_batch_job_of_a_silent_node_gets_another_one() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;

    world.advance_clock(terms().heartbeat_seconds.into());
    let expire = actions::expire_run(
        world.stranger.pubkey(),
        job,
        &world.job(&job).await,
        world.node.pubkey(),
    );
    world.refuse(jobs::Error::TooEarly, expire, &[&world.stranger]).await;

    world.advance_clock(1);
    world.expire_run(&job, &world.node).await;

    let stored = world.job(&job).await;
    assert_eq!(
        (state_and_reason(&stored), stored.attempts, stored.escrow),
        ((State::Queued, Reason::None), 1, deposit())
    );
    assert_eq!(world.waiting().await, [job]);
    let slashed = world.stake_of(&world.node).await.slashed;
    assert_eq!(slashed, 0, "silence is not proof of a fault");
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
    assert_eq!(world.node_of(&world.node).await.jobs_failed, 1);
    world.work_and_start(&world.other_node, &job).await;
    world.finish(&world.other_node, &job).await;
}

#[tokio::test]
async fn a_batch_job_past_its_deadline_is_refunded() {
    let world = world(terms()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(630, &world.node, &job).await;

    world.advance_clock(1);
    let finish = actions::finish(
        world.node.pubkey(),
        job,
        &world.job(&job).await,
        world.node.pubkey(),
        [1; 32],
        actions::NO_TRACE,
    );
    world.refuse(jobs::Error::DeadlinePassed, finish, &[&world.node]).await;
    world.expire_run(&job, &world.node).await;
    assert_eq!(
        state_and_reason(&world.job(&job).await),
        (State::Settled, Reason::DeadlineExceeded)
    );
    assert_eq!(
        (world.tokens(&world.client).await, world.tokens(&world.node).await),
        (client, node)
    );
    assert_eq!(world.release_all(&world.node).await, terms().collateral_per_job);
}

#[tokio::test]
async fn a_service_that_falls_silent_is_paid_up_to_its_last_heartbeat() {
    let world = world(terms()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(230, &world.node, &job).await;

    world.advance_clock(u64::from(terms().heartbeat_seconds) + 1);
    world.expire_run(&job, &world.node).await;
    let (pay, fee) = earnings(230);
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::HeartbeatLost));
    assert_eq!(world.tokens(&world.node).await, node + pay);
    assert_eq!(world.tokens(&world.client).await, client - pay - fee);
}

#[tokio::test]
async fn a_service_that_never_beat_is_paid_nothing() {
    let world = world(terms()).await;
    let before = world.tokens(&world.client).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;

    world.advance_clock(5_000);
    world.expire_run(&job, &world.node).await;
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::HeartbeatLost));
    assert_eq!(world.tokens(&world.client).await, before);
}

#[tokio::test]
async fn a_service_that_lives_to_its_end_is_paid_the_whole_timeout() {
    let world = world(terms()).await;
    let node = world.tokens(&world.node).await;
    let job = world.list(service(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(599, &world.node, &job).await;
    let expire = actions::expire_run(
        world.stranger.pubkey(),
        job,
        &world.job(&job).await,
        world.node.pubkey(),
    );
    world.refuse(jobs::Error::TooEarly, expire, &[&world.stranger]).await;

    world.advance_clock(5_000);
    let settled = settlement_event(&world.expire_run(&job, &world.node).await);
    assert_eq!((settled.node_amount, settled.network_amount), earnings(600));
    assert_eq!((settled.payer_amount, settled.paid_seconds), (0, 600));
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
    assert_eq!(world.tokens(&world.node).await, node + earnings(600).0);
}

#[tokio::test]
async fn a_checkpoint_stays_until_the_next_one() {
    let world = world(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let attempt = world.job(&job).await.attempt_id;
    for (sent, stored, progress) in
        [([7; 32], [7; 32], 100), ([0; 32], [7; 32], 9_000), ([8; 32], [8; 32], 20_000)]
    {
        world.advance_clock(30);
        world
            .run(
                actions::heartbeat(world.node.pubkey(), job, attempt, sent, progress),
                &[&world.node],
            )
            .await;
        let job = world.job(&job).await;
        assert_eq!((job.checkpoint, job.heartbeat_at), (stored, world.now()));
        assert_eq!(job.progress_bps, progress.min(10_000));
    }
    world.quit(&world.node, &job).await;
    let stored = world.job(&job).await;
    assert_eq!((stored.checkpoint, stored.progress_bps), ([0; 32], 0), "the next node begins anew");
}

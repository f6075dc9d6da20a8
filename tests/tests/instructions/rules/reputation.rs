//! What moves a node's reputation, and what does not.

use nosana_client::{actions, jobs::types::MarketTerms, token};
use nosana_protocol::{
    job::{Reason, State},
    reputation::{Evidence, Reputation},
    units::{Amount, UnixTimestamp},
};
use nosana_tests::{
    terms::{INITIAL_BALANCE, batch, challenged, earnings, service, terms},
    world::swap,
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, helpers::state_and_reason};

/// The pay for a timeout of ten minutes.
const PROMISED: u64 = earnings(600).0;

async fn stored_reputation(world: &World) -> Reputation {
    let node = world.node_of(&world.node).await;
    Reputation {
        good: node.reputation_good,
        bad: node.reputation_bad,
        at: UnixTimestamp(node.reputation_at),
    }
}

/// The job was settled for `reason`, and that changed the reputation from `before` by this much.
async fn check_settlement(
    world: &World,
    job: Address,
    reason: Reason,
    before: Reputation,
    good: u64,
    bad: u64,
) {
    assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, reason));
    let evidence = Evidence { good: Amount(good), bad: Amount(bad) };
    let expected = before.with_evidence(evidence, UnixTimestamp(world.now())).expect("in range");
    assert_eq!(stored_reputation(world).await, expected, "{reason:?}");
}

#[tokio::test]
async fn settlements_move_it() {
    let world = World::new(challenged()).await;
    let node = &world.node;
    let job = world.list(batch(1)).await;
    world.work_and_start(node, &job).await;
    world.heartbeat_for(100, node, &job).await;
    world.finish(node, &job).await;
    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&job).await;
    check_settlement(&world, job, Reason::Completed, Reputation::default(), earnings(100).0, 0)
        .await;

    // Whatever was before fades on the way.
    world.advance_clock(10 * 86_400);
    let before = stored_reputation(&world).await;
    let job = world.list(batch(2)).await;
    world.work_and_start(node, &job).await;
    world.heartbeat_for(600, node, &job).await;

    world.advance_clock(31);
    world.expire_run(&job, node).await;
    check_settlement(&world, job, Reason::DeadlineExceeded, before, 0, PROMISED).await;

    let before = stored_reputation(&world).await;
    let job = world.list(service(3)).await;
    world.work_and_start(node, &job).await;
    world.heartbeat_for(200, node, &job).await;

    world.advance_clock(61);
    world.expire_run(&job, node).await;
    check_settlement(
        &world,
        job,
        Reason::HeartbeatLost,
        before,
        earnings(200).0,
        PROMISED - earnings(200).0,
    )
    .await;

    let before = stored_reputation(&world).await;
    let job = world.list(service(4)).await;
    world.work_and_start(node, &job).await;
    world.heartbeat_for(600, node, &job).await;
    world.expire_run(&job, node).await;
    check_settlement(&world, job, Reason::Completed, before, PROMISED, 0).await;

    let before = stored_reputation(&world).await;
    let job = world.list(batch(5)).await;
    world.work_and_start(node, &job).await;
    world.heartbeat_for(100, node, &job).await;
    world.stop(&job, node).await;
    check_settlement(&world, job, Reason::ClientStopped, before, earnings(100).0, 0).await;

    let before = stored_reputation(&world).await;
    let job = world.list(service(6)).await;
    world.work_and_start(node, &job).await;
    world.heartbeat_for(100, node, &job).await;
    world.run(actions::unstake(node.pubkey()), &[node]).await;
    world.expire_run(&job, node).await;
    check_settlement(
        &world,
        job,
        Reason::BackingLost,
        before,
        earnings(100).0,
        PROMISED - earnings(100).0,
    )
    .await;
}

#[tokio::test]
async fn a_result_counts_when_it_is_settled() {
    let world = World::new(challenged()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    assert_eq!(stored_reputation(&world).await, Reputation::default());

    world.advance_clock(600);
    world.settle(&job).await;
    check_settlement(&world, job, Reason::Completed, Reputation::default(), earnings(100).0, 0)
        .await;
}

#[tokio::test]
async fn nothing_else_moves_it() {
    let world = World::new(MarketTerms { max_attempts: 1, ..terms() }).await;
    let node = &world.node;
    let rest = u64::from(terms().start_seconds) + 1;
    let job = world.list(batch(1)).await;
    world.work(node).await;
    world.quit(node, &job).await;

    world.advance_clock(rest);
    world.work(node).await;

    world.advance_clock(rest);
    world.expire_match(&job, node).await;
    world.advance_clock(rest);
    world.work_and_start(node, &job).await;

    world.advance_clock(61);
    world.expire_run(&job, node).await;
    assert_eq!(
        state_and_reason(&world.job(&job).await),
        (State::Settled, Reason::AttemptsExhausted)
    );
    world.advance_clock(rest);
    let job = world.list(batch(2)).await;
    world.work_and_start(node, &job).await;
    world.quit(node, &job).await;
    world.cancel(&job).await;
    let job = world.list(batch(3)).await;
    world.work(node).await;
    world.stop(&job, node).await;
    let record = stored_reputation(&world).await;
    assert_eq!((record.good, record.bad), (0, 0));
    assert_eq!(world.node_of(node).await.jobs_failed, 3, "failures are counted, and not judged");
}

#[tokio::test]
async fn jobs_to_oneself_do_not_count() {
    let world = World::new(challenged()).await;
    let node = &world.node;
    let owner = node.pubkey();
    let own = world.token_account(&node.pubkey());
    let approve = spl_token_interface::instruction::approve(
        &token::PROGRAM,
        &own,
        &world.stranger.pubkey(),
        &owner,
        &[],
        INITIAL_BALANCE / 2,
    );
    world.run(approve.expect("valid"), &[node]).await;
    let list = |client: Address, payer: Address, nonce| {
        actions::list(client, payer, world.market, world.mint, batch(nonce))
    };
    let (client, stranger) = (world.client.pubkey(), world.stranger.pubkey());
    let by_client = list(owner, client, 1);
    let by_payer = list(client, owner, 2);
    // The payer is somebody else, and pays with the node's tokens.
    let by_tokens = swap(list(client, stranger, 3), world.token_account(&stranger), own);
    let jobs = [
        by_client.job,
        by_payer.job,
        actions::list(client, stranger, world.market, world.mint, batch(3)).job,
    ];
    world.run(by_client, &[node, &world.client]).await;
    world.run(by_payer, &[node, &world.client]).await;
    world.run(by_tokens, &[&world.client, &world.stranger]).await;
    for job in jobs {
        let before = world.node_of(node).await.earned;
        world.work_and_start(node, &job).await;
        world.heartbeat_for(100, node, &job).await;
        world.finish(node, &job).await;
        world.advance_clock(challenged().challenge_seconds.into());
        world.settle(&job).await;
        assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Completed));
        assert_eq!(world.node_of(node).await.earned, before + earnings(100).0, "they are paid");
        assert_eq!(stored_reputation(&world).await, Reputation::default());
    }
    let lost = list(owner, owner, 4);
    let job = lost.job;
    world.run(lost, &[node]).await;
    world.work_and_start(node, &job).await;

    world.advance_clock(631);
    world.expire_run(&job, node).await;
    assert_eq!(stored_reputation(&world).await, Reputation::default(), "nor do they harm");
}

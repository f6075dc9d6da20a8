//! `accept`: the client accepts a result before its challenge window is over.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{batch, challenged, earnings},
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, helpers::state_and_reason};

async fn submit_result(world: &World) -> Address {
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.heartbeat_for(100, &world.node, &job).await;
    world.finish(&world.node, &job).await;
    job
}

#[tokio::test]
async fn an_accepted_result_is_paid_at_once() {
    let world = World::new(challenged()).await;
    let (client, node) = (world.tokens(&world.client).await, world.tokens(&world.node).await);
    let job = submit_result(&world).await;
    assert_eq!(world.stake_of(&world.node).await.locked, challenged().collateral_per_job);

    world.advance_clock(10);
    let accept =
        actions::accept(world.client.pubkey(), job, &world.job(&job).await, world.node.pubkey());
    world.run(accept.clone(), &[&world.client]).await;
    let (pay, fee) = earnings(100);
    let stored = world.job(&job).await;
    assert_eq!(
        (state_and_reason(&stored), stored.collateral),
        ((State::Settled, Reason::Completed), 0)
    );
    assert_eq!(stored.settled_at, world.now());
    assert_eq!(
        world.tokens(&world.node).await,
        node + pay,
        "until the result, as a settlement would pay"
    );
    assert_eq!(world.tokens(&world.client).await, client - pay - fee);
    assert_eq!(world.release_all(&world.node).await, challenged().collateral_per_job);
    assert_eq!(world.node_of(&world.node).await.reputation_good, pay);
    world.refuse(jobs::Error::WrongState, accept, &[&world.client]).await;

    world.advance_clock(challenged().challenge_seconds.into());
    let settle = actions::settle(world.stranger.pubkey(), job, &stored, world.node.pubkey());
    world.refuse(jobs::Error::WrongState, settle, &[&world.stranger]).await;
}

pub async fn only_the_client_and_only_a_result() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, challenged()).await;
    let job = submit_result(&world).await;
    let running = world.list(batch(2)).await;
    world.work_and_start(&world.node, &running).await;
    let client = world.client.pubkey();
    let owner = world.node.pubkey();
    let by = [&world.client];
    let stored = world.job(&job).await;
    let valid = actions::accept(client, job, &stored, owner);
    let stranger = world.token_account(&world.stranger.pubkey());
    let wrong =
        |what, from, to| case(what, jobs::Error::WrongAccount, swap(valid.clone(), from, to), &by);
    let of_running = actions::accept(client, running, &world.job(&running).await, owner);

    world
        .refuse_all([
            case(
                "its node",
                jobs::Error::NotClient,
                actions::accept(owner, job, &stored, owner),
                &[&world.node],
            ),
            case(
                "the market's authority",
                jobs::Error::NotClient,
                actions::accept(world.deployer.pubkey(), job, &stored, owner),
                &[&world.deployer],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), client), &[]),
            case("one that runs", jobs::Error::WrongState, of_running, &by),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                jobs::instructions::Accept { attempt_id: stored.attempt_id + 1, ..valid.clone() },
                &by,
            ),
            case(
                "with another node",
                jobs::Error::NotThisNode,
                actions::accept(client, job, &stored, world.other_node.pubkey()),
                &by,
            ),
            case(
                "in another market",
                jobs::Error::WrongMarket,
                swap(valid.clone(), world.market, other),
                &by,
            ),
            wrong("another queue", valid.queue, pda::jobs::queue(&other)),
            wrong("another vault", valid.vault, pda::jobs::vault(&other)),
            wrong("a refund to another", valid.payer_token, stranger),
            wrong("pay to another", valid.node_token, stranger),
        ])
        .await;

    world.run(valid, &by).await;
    world
}

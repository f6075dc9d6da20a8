//! What a staking program that refuses every call can keep from nodes and clients.

use nosana_client::{actions, staking};
use nosana_tests::terms::{batch, challenged};
use solana_address::Address;
use solana_signer::Signer;

use crate::{World, goodwill::replace_code};

/// Jobs end, and a node works on with the collateral that it has kept, while staking refuses.
#[tokio::test]
async fn no_job_waits_for_a_staking_program_that_refuses() {
    let world = World::new(challenged()).await;
    let (node, by) = (&world.node, [&world.node]);
    let first = world.list(batch(1)).await;
    world.work_and_start(node, &first).await;
    replace_code(&world, &staking::ID, "toolchain_selftest");

    let finish = async |job: &Address| {
        world.advance_clock(30);
        world.finish(node, job).await;
    };
    finish(&first).await;
    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&first).await;

    let accepted = world.list(batch(2)).await;
    world.work_and_start(node, &accepted).await;
    finish(&accepted).await;
    let stored = world.job(&accepted).await;
    let accept = actions::accept(world.client.pubkey(), accepted, &stored, node.pubkey());
    world.run(accept, &[&world.client]).await;

    let rejected = world.list(batch(3)).await;
    world.work_and_start(node, &rejected).await;
    finish(&rejected).await;
    world.reject(&rejected, false).await;

    let stopped = world.list(batch(4)).await;
    world.work_and_start(node, &stopped).await;
    world.stop(&stopped, node).await;

    let returned = world.list(batch(5)).await;
    world.work_and_start(node, &returned).await;
    world.quit(node, &returned).await;
    world.cancel(&returned).await;
    world.advance_clock(300);

    let silent = world.list(batch(6)).await;
    world.work_and_start(node, &silent).await;
    world.advance_clock(u64::from(challenged().heartbeat_seconds) + 1);
    world.expire_run(&silent, node).await;
    world.cancel(&silent).await;
    world.advance_clock(300);

    world.work(node).await;
    world.leave(node).await;
    assert_eq!(world.collateral_of(node).await.1, challenged().collateral_per_job);

    let release = actions::release_collateral(node.pubkey());
    assert!(world.attempt(release, &by).await.is_err(), "it stays locked");
    let work = actions::work(world.other_node.pubkey(), world.market, 1);
    assert!(world.attempt(work, &[&world.other_node]).await.is_err(), "nothing is kept");
}

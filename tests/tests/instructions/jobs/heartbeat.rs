//! `heartbeat`: the node proves that it is alive.

use nosana_client::{actions, jobs};
use nosana_tests::{
    Refusal,
    terms::{RESULT, batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    let owner = world.node.pubkey();
    let attempt = world.job(&job).await.attempt_id;
    let valid = actions::heartbeat(owner, job, attempt, RESULT, 5_000);
    let by = [&world.node];
    world.refuse(jobs::Error::NotThisNode, valid.clone(), &by).await;
    world.work_and_start(&world.node, &job).await;
    let of_another = actions::heartbeat(owner, job, attempt + 1, RESULT, 5_000);
    world.refuse(jobs::Error::AnotherAttempt, of_another, &by).await;

    world
        .refuse_all([
            case(
                "the node of another",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "another node",
                jobs::Error::NotThisNode,
                actions::heartbeat(world.other_node.pubkey(), job, attempt, RESULT, 0),
                &[&world.other_node],
            ),
        ])
        .await;

    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world.work(&world.node).await;
    let matched = world.list(batch(2)).await;
    let attempt = world.job(&matched).await.attempt_id;
    let too_early = actions::heartbeat(owner, matched, attempt, RESULT, 0);
    world.refuse(jobs::Error::WrongState, too_early, &by).await;
    world
}

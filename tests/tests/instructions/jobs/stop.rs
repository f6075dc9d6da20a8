//! `stop`: the client ends a job that a node took or runs.

use nosana_client::{actions, jobs};
use nosana_tests::{
    Refusal,
    terms::{batch, challenged, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::wrong_accounts};

pub async fn refusals() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let owner = world.node.pubkey();
    let client = world.client.pubkey();
    let by = [&world.client];
    let early = actions::stop(client, job, &world.job(&job).await, owner);
    world.refuse(jobs::Error::NoSuchSlot, early, &by).await;
    world.work(&world.node).await;
    let others = actions::stop(client, job, &world.job(&job).await, world.other_node.pubkey());
    world.refuse(jobs::Error::NoSuchSlot, others, &by).await;
    world.start(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::stop(client, job, &stored, owner);

    world
        .refuse_all([
            case(
                "by its node",
                jobs::Error::NotClient,
                actions::stop(owner, job, &stored, owner),
                &[&world.node],
            ),
            case(
                "by a stranger",
                jobs::Error::NotClient,
                swap(valid.clone(), client, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case(
                "with another node",
                jobs::Error::NotThisNode,
                actions::stop(client, job, &stored, world.other_node.pubkey()),
                &by,
            ),
            case(
                "another attempt",
                jobs::Error::AnotherAttempt,
                jobs::instructions::Stop { attempt_id: stored.attempt_id + 1, ..valid.clone() },
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), client), &[]),
        ])
        .await;

    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid.clone(), &by).await;

    world.advance_clock(600);
    world.settle(&job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world.work(&world.node).await;
    let matched = world.list(batch(2)).await;
    let bound = actions::stop(client, matched, &world.job(&matched).await, owner);
    world.refuse(jobs::Error::WrongState, bound, &by).await;
    world
}

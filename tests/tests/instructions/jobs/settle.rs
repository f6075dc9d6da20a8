//! `settle`: anyone pays a result whose challenge window is over.

use nosana_client::{actions, jobs};
use nosana_tests::{
    Refusal,
    terms::{batch, challenged, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::wrong_accounts};

pub async fn refusals() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let owner = world.node.pubkey();
    let stranger = world.stranger.pubkey();
    let by = [&world.stranger];
    let running = actions::settle(stranger, job, &world.job(&job).await, owner);
    world.refuse(jobs::Error::WrongState, running, &by).await;

    world.advance_clock(30);
    world.finish(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::settle(stranger, job, &stored, owner);
    let other_node = actions::settle(stranger, job, &stored, world.other_node.pubkey());
    world.refuse(jobs::Error::TooEarly, valid.clone(), &by).await;

    world.advance_clock(600);
    world
        .refuse_all([
            case("with another node", jobs::Error::NotThisNode, other_node, &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), stranger), &[]),
        ])
        .await;

    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.settle(&job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}

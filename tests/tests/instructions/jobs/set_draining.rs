//! `set_draining`: the owner lets a node finish its jobs and take no others.

use nosana_client::{actions, jobs};
use nosana_protocol::slot::SlotState;
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{
    World,
    helpers::{by_stranger, first_slot_state},
};

pub async fn a_draining_node_ends_what_it_has_and_takes_nothing_new() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let drain = |draining| actions::set_draining(owner, draining);
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.work(&world.node).await;
    world.run(drain(true), &by).await;
    assert_eq!(world.node_of(&world.node).await.draining, 1);
    world.leave(&world.node).await;
    let work = actions::work(owner, world.market, 1);

    world
        .refuse_all([
            case("work", jobs::Error::Draining, work.clone(), &by),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_stranger(&world, drain(false)),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(drain(false), owner), &[]),
        ])
        .await;

    world.heartbeat(&world.node, &job).await;
    world.finish(&world.node, &job).await;
    assert_eq!(first_slot_state(&world, &world.node).await, SlotState::Free);
    world.run(drain(false), &by).await;
    world.run(work, &by).await;
    assert_eq!(world.node_of(&world.node).await.draining, 0);
    world
}

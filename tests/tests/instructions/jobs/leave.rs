//! `leave`: the node stops waiting.

use nosana_client::{actions, jobs, pda, staking};
use nosana_tests::{
    Refusal,
    terms::{batch, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let valid = actions::leave(owner, world.market, 0);

    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "the cell of another",
                jobs::Error::NotInQueue,
                actions::leave(owner, world.market, 1),
                &by,
            ),
            case(
                "an empty cell",
                jobs::Error::NotInQueue,
                actions::leave(owner, world.market, 2),
                &by,
            ),
            case("another market", jobs::Error::NotInQueue, actions::leave(owner, other, 0), &by),
            case(
                "another queue",
                jobs::Error::WrongAccount,
                swap(valid.clone(), valid.queue, pda::jobs::queue(&other)),
                &by,
            ),
        ])
        .await;

    world.list(batch(1)).await;
    world.refuse(jobs::Error::NotInQueue, valid, &by).await;
    world
}

#[tokio::test]
async fn the_slot_is_free_and_the_node_keeps_its_collateral() {
    let world = World::new(terms()).await;
    let collateral = terms().collateral_per_job;
    world.work(&world.node).await;
    world.work(&world.node).await;
    assert_eq!(world.collateral_of(&world.node).await, (2 * collateral, 0));

    let done = world.leave(&world.node).await;
    assert_eq!(world.collateral_of(&world.node).await, (2 * collateral, collateral));
    assert!(done.inner_units(&staking::ID).is_empty(), "nothing is called");
    world.leave(&world.node).await;
    assert_eq!(world.release_all(&world.node).await, 2 * collateral);
    assert!(world.waiting().await.is_empty());
}

//! `count_income`: anyone makes income of what has arrived in the pool's vault.

use nosana_client::{Event, actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let valid = actions::count_income();
    world.refuse(rewards::Error::NothingArrived, valid.clone(), &[]).await;

    // What the pool itself takes in is counted already.
    world.run(actions::fund(world.client.pubkey(), world.mint, NOS), &[&world.client]).await;
    world.refuse(rewards::Error::NothingArrived, valid.clone(), &[]).await;

    world.donate(&world.stranger, &pda::rewards::vault(), 7).await;
    let other = pda::staking::vault();
    world
        .refuse_all([
            case(
                "of another vault",
                rewards::Error::WrongAccount,
                swap(valid.clone(), valid.vault, other),
                &[],
            ),
            case(
                "into a position",
                Refusal::too_small(),
                swap(
                    valid.clone(),
                    pda::rewards::pool(),
                    pda::rewards::position(&world.staker.pubkey()),
                ),
                &[],
            ),
        ])
        .await;
    world.tamper::<rewards::accounts::Pool>(&pda::rewards::pool(), |it| it.accounted += 8).await;
    world.refuse(rewards::Error::Overflow, valid.clone(), &[]).await;
    world.tamper::<rewards::accounts::Pool>(&pda::rewards::pool(), |it| it.accounted -= 8).await;

    let done = world.run(valid.clone(), &[]).await;
    let counted = done.events().into_iter().find_map(|event| match event {
        Event::Rewards(rewards::events::Event::IncomeCounted(counted)) => Some(counted),
        _ => None,
    });
    let counted = counted.expect("there is an event");
    assert_eq!((counted.amount, counted.pending), (7, NOS + 7));
    assert_eq!(world.pool().await.pending, NOS + 7);
    world.refuse(rewards::Error::NothingArrived, valid, &[]).await;
    world
}

/// The framework refuses what is not a pool.
#[tokio::test]
async fn a_pool_of_ones_own_counts_nothing() {
    let world = World::new(terms()).await;
    world.donate(&world.stranger, &pda::rewards::vault(), 7).await;
    let fake = swap(actions::count_income(), pda::rewards::pool(), world.market);
    world.refuse(Refusal::wrong_owner(), fake, &[]).await;
}

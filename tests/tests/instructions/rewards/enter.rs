//! `enter`: the owner of a stake opens a position in the pool.

use nosana_client::{actions, pda, rewards};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let valid = actions::enter(owner);
    world.refuse(Refusal::account_missing(), valid.clone(), &by).await;
    world.stake(&world.client).await;
    let others = swap(valid.clone(), valid.stake, pda::staking::stake(&world.staker.pubkey()));
    let elsewhere =
        swap(valid.clone(), valid.position, pda::rewards::position(&world.stranger.pubkey()));

    world
        .refuse_all([
            case("with another's stake", rewards::Error::NotOwner, others, &by),
            case("in another's position", Refusal::wrong_seeds(), elsewhere, &by),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "with a pool that is none",
                Refusal::wrong_owner(),
                swap(valid.clone(), pda::rewards::pool(), pda::jobs::node(&world.node.pubkey())),
                &by,
            ),
        ])
        .await;

    let early = world.wallet().await;
    world.stake(&early).await;
    world.run(actions::unstake(early.pubkey()), &[&early]).await;
    world.refuse(rewards::Error::NoWeight, actions::enter(early.pubkey()), &[&early]).await;
    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

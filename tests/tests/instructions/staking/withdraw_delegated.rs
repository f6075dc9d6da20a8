//! `withdraw_delegated`: anyone pays a delegator what the cooldown has released.

use nosana_client::{actions, staking};
use nosana_tests::{
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, key) = (world.staker.pubkey(), world.client.pubkey());
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let withdraw = actions::withdraw_delegated(key, owner, world.mint);
    let foreign = world.token_account(&world.stranger.pubkey());
    let theft = swap(withdraw.clone(), withdraw.destination, foreign);

    world
        .refuse_all([
            case("not in the cooldown", staking::Error::NotUndelegated, withdraw.clone(), &[]),
            case("paid to another", staking::Error::NotDelegatorsAccount, theft, &[]),
        ])
        .await;

    world.undelegate(&world.client, &world.staker).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw, &[]).await;
    world
}

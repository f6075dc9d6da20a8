//! `undelegate`: the delegator starts the cooldown, or the owner of the stake does.

use nosana_client::{actions, staking};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    let key = world.client.pubkey();
    let by = [&world.client];
    world.accept_delegations(&world.staker, 500).await;
    world.run(actions::open_delegation(key, owner), &by).await;
    let empty = actions::undelegate(owner, key, owner);
    world.refuse(staking::Error::NotDelegator, empty, &[&world.staker]).await;

    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let undelegate = actions::undelegate(key, key, owner);
    let theft = actions::undelegate(world.stranger.pubkey(), key, owner);
    world
        .refuse_all([
            case("another's", staking::Error::NotDelegator, theft, &[&world.stranger]),
            case("unsigned", Refusal::unsigned(), unsigned(undelegate.clone(), key), &[]),
        ])
        .await;

    world.run(undelegate.clone(), &by).await;
    world.refuse(staking::Error::AlreadyUndelegated, undelegate, &by).await;
    world
}

//! `withdraw_delegated`: a delegator takes what the cooldown has released; later anyone pays it.

use nosana_client::{actions, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, key) = (world.staker.pubkey(), world.client.pubkey());
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let by = [&world.client];
    let withdraw = actions::withdraw_delegated(key, key, owner, world.mint);
    let foreign = world.token_account(&world.stranger.pubkey());
    let theft = swap(withdraw.clone(), withdraw.destination, foreign);

    world
        .refuse_all([
            case("not in the cooldown", staking::Error::NotUndelegated, withdraw.clone(), &by),
            case("paid to another", staking::Error::NotDelegatorsAccount, theft, &by),
            case("unsigned", Refusal::unsigned(), unsigned(withdraw.clone(), key), &[]),
        ])
        .await;

    world.undelegate(&world.client, &world.staker).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw.clone(), &by).await;

    world.advance_clock(DURATION - 1);
    let stranger = world.stranger.pubkey();
    let early = actions::withdraw_delegated(stranger, key, owner, world.mint);
    world.refuse(staking::Error::CooldownRuns, early.clone(), &[&world.stranger]).await;

    world.advance_clock(1);
    world.run(early, &[&world.stranger]).await;
    world.refuse(staking::Error::NothingToWithdraw, withdraw, &by).await;
    world
}

//! `close`: the owner closes an empty stake.

use nosana_client::{
    actions, pda,
    staking::{self, instructions::Close},
};
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let close = Close { owner, stake: pda::staking::stake(&owner) };
    world.refuse(staking::Error::NotUnstaked, close.clone(), &by).await;

    world.run(actions::unstake(owner), &by).await;

    world.advance_clock(DURATION / 2);
    let theft = swap(close.clone(), owner, world.stranger.pubkey());
    world
        .refuse_all([
            case("what is not empty", staking::Error::StakeNotEmpty, close.clone(), &by),
            case("another's", staking::Error::NotOwner, theft, &[&world.stranger]),
            case("unsigned", Refusal::unsigned(), unsigned(close.clone(), owner), &[]),
        ])
        .await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(owner, world.mint), &by).await;
    world.run(close.clone(), &by).await;
    world.refuse(Refusal::too_small(), close, &by).await;
    world
}

pub async fn refused_while_there_are_delegations() -> World {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    world.accept_delegations(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    world.undelegate(&world.client, &world.staker).await;
    world.run(actions::unstake(owner), &[&world.staker]).await;

    world.advance_clock(DURATION + EPOCH);
    world.run(actions::withdraw(owner, world.mint), &[&world.staker]).await;

    let close = Close { owner, stake: pda::staking::stake(&owner) };
    world.refuse(staking::Error::DelegationsLeft, close, &[&world.staker]).await;
    world
}

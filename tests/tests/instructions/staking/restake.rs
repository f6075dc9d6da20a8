//! `restake`: the owner ends the cooldown and stakes what is left.

use nosana_client::{actions, staking};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    terms::{NOS, terms},
    world::swap,
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.wallet().await;
    let (key, by) = (owner.pubkey(), [&owner]);
    world.run(actions::open_stake(key, world.mint, NOS, 100 * SECONDS_PER_DAY), &by).await;
    world.enter(&owner).await;
    let restake = actions::restake(key);
    world.refuse(staking::Error::NotUnstaked, restake.clone(), &by).await;

    world.run(actions::unstake(key), &by).await;
    let theft = swap(restake.clone(), key, world.stranger.pubkey());
    world.refuse(staking::Error::NotOwner, theft, &[&world.stranger]).await;

    world.advance_clock(10 * SECONDS_PER_DAY);
    world.run(actions::withdraw(key, world.mint), &by).await;
    world.refuse(staking::Error::AmountTooSmall, restake, &by).await;
    world
}

//! `compound`: the owner adds what the position has earned to the stake.

use nosana_client::{actions, rewards, staking};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.wallet().await;
    let key = owner.pubkey();
    world.run(actions::open_stake(key, world.mint, NOS, 100 * SECONDS_PER_DAY), &[&owner]).await;
    world.refuse(staking::Error::NoPosition, actions::compound(key), &[&owner]).await;
    world.enter(&owner).await;
    let theft = swap(actions::compound(key), key, world.stranger.pubkey());

    world
        .refuse_all([
            case("nothing", rewards::Error::NothingToClaim, actions::compound(key), &[&owner]),
            case("another's", staking::Error::NotOwner, theft, &[&world.stranger]),
        ])
        .await;
    world
}

//! `extend`: the owner makes the duration of a stake longer.

use nosana_client::{
    actions,
    staking::{self, instructions::Extend},
};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    terms::{DURATION, NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.wallet().await;
    let (key, by) = (owner.pubkey(), [&owner]);
    world.run(actions::open_stake(key, world.mint, NOS, 100 * SECONDS_PER_DAY), &by).await;
    world.enter(&owner).await;

    let extend = |days: u64| actions::extend_stake(key, days * SECONDS_PER_DAY);
    let too_long = Extend { duration_seconds: DURATION + 1, ..extend(1) };
    let theft = swap(extend(200), key, world.stranger.pubkey());
    world
        .refuse_all([
            case("no longer", staking::Error::NotLonger, extend(100), &by),
            case("over a year", staking::Error::DurationOutOfRange, too_long, &by),
            case("extend another's", staking::Error::NotOwner, theft, &[&world.stranger]),
        ])
        .await;

    world.run(actions::unstake(key), &by).await;
    world.refuse(staking::Error::AlreadyUnstaked, extend(200), &by).await;
    world
}

//! `set_paused`: the guardian pauses the program. A pause stops entries, and no exit.

use nosana_client::{
    actions,
    staking::{
        self,
        instructions::{SetGuardian, SetPaused},
    },
};
use nosana_tests::{
    terms::{DURATION, NOS, terms},
    world::case,
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (stranger, admin) = (world.stranger.pubkey(), world.deployer.pubkey());
    let pause = SetPaused { guardian: stranger, paused: true };
    world.refuse(staking::Error::NotGuardian, pause.clone(), &[&world.stranger]).await;
    world.run(SetGuardian { admin, guardian: stranger }, &[&world.deployer]).await;
    world.run(pause, &[&world.stranger]).await;

    let client = world.client.pubkey();
    let staker = world.staker.pubkey();
    let by = [&world.staker];
    let paused = staking::Error::Paused;

    world
        .refuse_all([
            case(
                "stake",
                paused,
                actions::open_stake(client, world.mint, NOS, DURATION),
                &[&world.client],
            ),
            case("add", paused, actions::top_up_stake(staker, world.mint, 1), &by),
            case("extend", paused, actions::extend_stake(staker, DURATION), &by),
            case("compound", paused, actions::compound(staker), &by),
            case("restake", paused, actions::restake(staker), &by),
        ])
        .await;

    // Every exit stays open.
    world.run(actions::unstake(staker), &by).await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(staker, world.mint), &by).await;
    world
}

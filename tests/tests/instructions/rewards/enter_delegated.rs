//! `enter_delegated`: anyone opens the position of what is delegated to a stake.

use nosana_client::{
    actions,
    rewards::{self, instructions::SetPaused},
};
use nosana_tests::{Refusal, terms::terms};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.stranger]);
    let enter = actions::enter_delegated(world.stranger.pubkey(), owner);
    let guardian = world.deployer.pubkey();
    let pause = |paused| SetPaused { guardian, paused };
    world.run(pause(true), &[&world.deployer]).await;
    world.refuse(rewards::Error::Paused, enter.clone(), &by).await;
    world.run(pause(false), &[&world.deployer]).await;

    world.run(enter.clone(), &by).await;
    world.refuse(Refusal::account_exists(), enter, &by).await;
    world
}

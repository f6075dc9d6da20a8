//! `set_paused`: the guardian pauses the program. A pause stops entries, and no exit.

use nosana_client::{
    actions::{self, Emission},
    rewards::{
        self,
        instructions::{SetGuardian, SetPaused},
    },
};
use nosana_tests::terms::terms;
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (stranger, admin) = (world.stranger.pubkey(), world.deployer.pubkey());
    let pause = SetPaused { guardian: stranger, paused: true };
    world.refuse(rewards::Error::NotGuardian, pause.clone(), &[&world.stranger]).await;
    world.run(SetGuardian { admin, guardian: stranger }, &[&world.deployer]).await;
    world.run(pause, &[&world.stranger]).await;

    let now = world.now();
    let emission = Emission { id: 1, amount: 1, start: now, end: now + 1, cancellable: false };
    let open = actions::open_stream(world.client.pubkey(), world.mint, emission);
    world.refuse(rewards::Error::Paused, open, &[&world.client]).await;

    // Every exit stays open.
    let (staker, by) = (world.staker.pubkey(), [&world.staker]);
    world.run(actions::exit(staker, world.mint), &by).await;
    world.refuse(rewards::Error::Paused, actions::enter(staker), &by).await;
    world
}

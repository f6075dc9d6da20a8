//! `drip`: anyone moves what is due of a stream into the pool.

use nosana_client::{
    actions::{self, Emission},
    pda, rewards,
};
use nosana_tests::terms::{NOS, terms};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.client.pubkey();
    let now = world.now();
    let emission = Emission { id: 2, amount: NOS, start: now, end: now + 100, cancellable: true };
    let open = actions::open_stream(owner, world.mint, emission);
    world.run(open, &[&world.client]).await;

    world.advance_clock(50);
    let stream = pda::rewards::stream(&owner, 2);
    world.run(actions::drip(stream), &[]).await;
    world.refuse(rewards::Error::NothingDue, actions::drip(stream), &[]).await;
    world
}

//! `propose_admin`: the admin names its successor, who must accept.

use nosana_client::staking::{self, instructions::ProposeAdmin};
use nosana_tests::terms::terms;
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let stranger = world.stranger.pubkey();
    let propose = ProposeAdmin { admin: stranger, next_admin: stranger };
    world.refuse(staking::Error::NotAdmin, propose, &[&world.stranger]).await;
    world
}

//! `accept_admin`: the proposed admin takes the office over.

use nosana_client::rewards::{
    self,
    instructions::{AcceptAdmin, ProposeAdmin},
};
use nosana_tests::terms::terms;
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (stranger, admin) = (world.stranger.pubkey(), world.deployer.pubkey());
    let accept = AcceptAdmin { pending_admin: stranger };
    world.refuse(rewards::Error::NotProposed, accept.clone(), &[&world.stranger]).await;

    let propose = ProposeAdmin { admin, next_admin: stranger };
    world.run(propose, &[&world.deployer]).await;
    world.run(accept, &[&world.stranger]).await;
    world
}

//! `set_guardian`: the admin names the guardian.

use nosana_client::rewards::{
    self,
    instructions::{AcceptAdmin, ProposeAdmin, SetGuardian},
};
use nosana_tests::terms::terms;
use solana_signer::Signer;

use crate::World;

/// A former admin can no longer name a guardian.
pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (stranger, admin) = (world.stranger.pubkey(), world.deployer.pubkey());
    let propose = ProposeAdmin { admin, next_admin: stranger };
    world.run(propose, &[&world.deployer]).await;
    world.run(AcceptAdmin { pending_admin: stranger }, &[&world.stranger]).await;

    let late = SetGuardian { admin, guardian: admin };
    world.refuse(rewards::Error::NotAdmin, late, &[&world.deployer]).await;
    world
}

//! `propose_policy`: the admin announces a policy.

use nosana_client::staking::{self, instructions::ProposePolicy};
use nosana_tests::terms::terms;
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let admin = world.deployer.pubkey();
    let propose = ProposePolicy { admin, min_stake: 0, reporter_bps: 0 };
    world.refuse(staking::Error::PolicyOutOfRange, propose, &[&world.deployer]).await;
    world
}

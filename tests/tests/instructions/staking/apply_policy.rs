//! `apply_policy`: anyone puts an announced policy in force, within its time.

use nosana_client::staking::{self, instructions::ApplyPolicy};
use nosana_tests::terms::terms;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    world.refuse(staking::Error::NothingAnnounced, ApplyPolicy {}, &[]).await;
    world
}

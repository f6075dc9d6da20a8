//! `set_guardian`: the admin names the guardian.

use nosana_client::{
    jobs::{self, instructions::SetGuardian},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::World;

/// Returns the instruction that names this guardian.
pub fn set_guardian(admin: Address, guardian: Address) -> SetGuardian {
    SetGuardian { admin, config: pda::jobs::config(), guardian }
}

pub async fn only_the_admin_and_only_on_the_configuration() -> World {
    let world = World::new(terms()).await;
    let (admin, stranger) = (world.deployer.pubkey(), world.stranger.pubkey());
    let misplaced = swap(set_guardian(admin, admin), pda::jobs::config(), world.market);
    world
        .refuse_all([
            case(
                "name",
                jobs::Error::NotAdmin,
                set_guardian(stranger, stranger),
                &[&world.stranger],
            ),
            case(
                "name unsigned",
                Refusal::unsigned(),
                unsigned(set_guardian(admin, stranger), admin),
                &[],
            ),
            case(
                "a market as the configuration",
                Refusal::wrong_type(),
                misplaced,
                &[&world.deployer],
            ),
        ])
        .await;
    world
}

//! `propose_admin`: the admin names its successor, who must accept.

use nosana_client::{
    jobs::{self, instructions::ProposeAdmin},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::World;

pub fn propose_admin(admin: Address, next_admin: Address) -> ProposeAdmin {
    ProposeAdmin { admin, config: pda::jobs::config(), next_admin }
}

pub async fn only_the_admin() -> World {
    let world = World::new(terms()).await;
    let (admin, stranger) = (world.deployer.pubkey(), world.stranger.pubkey());
    let unsigned = unsigned(propose_admin(admin, stranger), admin);
    world
        .refuse_all([
            case(
                "propose",
                jobs::Error::NotAdmin,
                propose_admin(stranger, stranger),
                &[&world.stranger],
            ),
            case("propose unsigned", Refusal::unsigned(), unsigned, &[]),
        ])
        .await;
    world
}

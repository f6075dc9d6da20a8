//! `propose_market_authority`: the authority of a market names its successor, who must accept.

use nosana_client::jobs::{self, instructions::ProposeMarketAuthority};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use crate::World;

pub fn propose_market_authority(
    world: &World,
    authority: Address,
    next_authority: Address,
) -> ProposeMarketAuthority {
    ProposeMarketAuthority { authority, market: world.market, next_authority }
}

pub async fn only_the_authority() -> World {
    let world = World::new(terms()).await;
    let (authority, stranger) = (world.deployer.pubkey(), world.stranger.pubkey());
    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotMarketAuthority,
                propose_market_authority(&world, stranger, stranger),
                &[&world.stranger],
            ),
            case(
                "unsigned",
                Refusal::unsigned(),
                unsigned(propose_market_authority(&world, authority, stranger), authority),
                &[],
            ),
        ])
        .await;
    world
}

//! Stake that is delegated to nodes: what it earns, what it loses, and how it is withdrawn.

mod disputes;
mod gates;
mod life;
mod policy;
mod rewards;
mod slashing;

use nosana_client::actions;
use nosana_tests::{
    Lite,
    terms::{EPOCH, NOS},
};
use solana_signer::Signer;

type World = nosana_tests::World<Lite>;

const DAY: u64 = 86_400;
/// A tenth, in basis points.
const TENTH: u16 = 1_000;

/// An epoch with an income of 300 NOS, from its first second to its last.
async fn earn(world: &World) {
    world.run(actions::fund(world.client.pubkey(), world.mint, 300 * NOS), &[&world.client]).await;
    let epoch = i64::try_from(EPOCH).expect("small");

    world.set_clock((world.now() / epoch + 2) * epoch);
}

//! Income of the reward pool that is due while a long queue is measured.

use nosana_client::actions::{self, Emission};
use nosana_tests::{
    Lite, World,
    terms::{EPOCH, NOS},
};
use solana_address::Address;
use solana_signer::Signer;

/// How long the stream runs, in seconds: longer than all that is measured takes.
const STREAM_SECONDS: i64 = 100_000;

/// Lets the staker earn, so that `claim` pays, and opens a stream, so that `drip` does. Returns the
/// stream.
pub async fn prepare_income(world: &World<Lite>) -> Address {
    let client = world.client.pubkey();
    let mint = world.mint;
    world.run(actions::fund(client, mint, NOS), &[&world.client]).await;
    world.advance_clock(2 * EPOCH);
    world.run(actions::sync(world.staker.pubkey()), &[]).await;
    world.advance_clock(EPOCH);

    let start = world.now();
    let emission = Emission {
        id: 1,
        amount: 1_000 * NOS,
        start,
        end: start + STREAM_SECONDS,
        cancellable: false,
    };
    let open = actions::open_stream(client, mint, emission);
    let stream = open.stream;
    world.run(open, &[&world.client]).await;
    world.advance_clock(30);
    stream
}

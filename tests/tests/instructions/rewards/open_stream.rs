//! `open_stream`: anyone opens a stream of rewards and deposits its amount.

use nosana_client::{
    actions::{self, Emission},
    rewards, token,
};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.client.pubkey();
    let by = [&world.client];
    let now = world.now();
    let valid = Emission { id: 1, amount: NOS, start: now, end: now + 100, cancellable: false };
    let open = |emission| actions::open_stream(owner, world.mint, emission);
    let theft =
        swap(open(valid), open(valid).source, world.token_account(&world.stranger.pubkey()));
    let out = rewards::Error::StreamOutOfRange;

    world
        .refuse_all([
            case(
                "of nothing",
                rewards::Error::ZeroAmount,
                open(Emission { amount: 0, ..valid }),
                &by,
            ),
            case("that began", out, open(Emission { start: now - 1, ..valid }), &by),
            case("without a length", out, open(Emission { end: now, ..valid }), &by),
            case(
                "over ten years",
                out,
                open(Emission { end: now + 10 * 366 * 86_400 + 1, ..valid }),
                &by,
            ),
            case("of another's tokens", Refusal::Program(token::PROGRAM, 4), theft, &by),
            case("unsigned", Refusal::unsigned(), unsigned(open(valid), owner), &[]),
        ])
        .await;

    world.run(open(valid), &by).await;
    world.refuse(Refusal::account_exists(), open(valid), &by).await;
    world
}

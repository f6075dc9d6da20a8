//! `grow_queue`: anyone pays for more cells of a market's queue.

use nosana_client::{jobs, pda};
use nosana_tests::{
    Refusal,
    terms::terms,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let queue = pda::jobs::queue(&world.market);
    let grow = |cells| jobs::instructions::GrowQueue {
        payer: world.stranger.pubkey(),
        market: world.market,
        queue,
        cells,
    };
    let by = [&world.stranger];

    world
        .refuse_all([
            case("grow by nothing", jobs::Error::TermsOutOfRange, grow(0), &by),
            case("grow by too much", jobs::Error::TermsOutOfRange, grow(201), &by),
            case(
                "grow without a payer",
                Refusal::unsigned(),
                unsigned(grow(1), world.stranger.pubkey()),
                &[],
            ),
            case(
                "grow the queue of another market",
                jobs::Error::WrongAccount,
                swap(grow(1), queue, pda::jobs::queue(&other)),
                &by,
            ),
        ])
        .await;
    world
}

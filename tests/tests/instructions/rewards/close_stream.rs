//! `close_stream`: anyone closes a stream at its end, or its owner cancels it.

use nosana_client::{
    actions::{self, Emission},
    pda,
    rewards::{self, instructions::CloseStream},
};
use nosana_tests::{
    Refusal,
    terms::{NOS, terms},
    world::{case, swap},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.client.pubkey();
    let by = [&world.client];
    let now = world.now();
    let emission = Emission { id: 1, amount: NOS, start: now, end: now + 100, cancellable: false };
    let open = |emission| actions::open_stream(owner, world.mint, emission);
    let close = |who, id| actions::close_stream(who, owner, world.mint, id);
    world.run(open(emission), &by).await;
    world.run(open(Emission { id: 2, cancellable: true, ..emission }), &by).await;

    world.advance_clock(50);
    let stranger = world.stranger.pubkey();
    let valid = close(owner, 2);
    world
        .refuse_all([
            case(
                "closed early",
                rewards::Error::StreamRuns,
                close(stranger, 1),
                &[&world.stranger],
            ),
            case(
                "another's, cancelled",
                rewards::Error::StreamRuns,
                close(stranger, 2),
                &[&world.stranger],
            ),
            case("cancelled", rewards::Error::NotCancellable, close(owner, 1), &by),
            case(
                "the rent to another",
                rewards::Error::WrongAccount,
                CloseStream { owner: stranger, ..close(stranger, 2) },
                &[&world.stranger],
            ),
            case(
                "from the stakes",
                rewards::Error::WrongAccount,
                swap(valid.clone(), valid.vault, pda::staking::vault()),
                &by,
            ),
            case(
                "to the vault",
                Refusal::same_account_twice(rewards::ID),
                swap(valid.clone(), valid.destination, valid.vault),
                &by,
            ),
        ])
        .await;

    let elsewhere = world.token_account(&stranger);
    world.run(swap(valid, world.token_account(&owner), elsewhere), &by).await;
    world
}

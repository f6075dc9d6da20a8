//! `register_node`: an owner registers a node.

use nosana_client::{
    actions,
    jobs::{self, instructions::RegisterNode},
    pda,
};
use nosana_tests::{
    Refusal,
    terms::{HARDWARE, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.client.pubkey(), [&world.client]);
    let valid = actions::register_node(owner, world.mint, HARDWARE);
    let with = |change: &dyn Fn(&mut RegisterNode)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let stranger = world.token_account(&world.stranger.pubkey());
    let vault = pda::jobs::vault(&world.market);

    world
        .refuse_all([
            case(
                "no slots",
                jobs::Error::CapacityOutOfRange,
                with(&|it| it.hardware.capacity = 0),
                &by,
            ),
            case(
                "too many slots",
                jobs::Error::CapacityOutOfRange,
                with(&|it| it.hardware.capacity = 17),
                &by,
            ),
            case(
                "no hardware",
                jobs::Error::EmptyDigest,
                with(&|it| it.hardware.digest = [0; 32]),
                &by,
            ),
            case(
                "paid to no account",
                jobs::Error::CannotReceive,
                with(&|it| it.payout = world.stranger.pubkey()),
                &by,
            ),
            case(
                "paid to a mint",
                jobs::Error::CannotReceive,
                with(&|it| it.payout = world.mint),
                &by,
            ),
            case(
                "paid to somebody else",
                jobs::Error::PayoutNotOwned,
                with(&|it| it.payout = stranger),
                &by,
            ),
            case(
                "paid to a vault",
                jobs::Error::PayoutNotOwned,
                with(&|it| it.payout = vault),
                &by,
            ),
            case(
                "the stake of another",
                Refusal::wrong_seeds(),
                with(&|it| it.stake = pda::staking::stake(&world.node.pubkey())),
                &by,
            ),
            case(
                "another place",
                Refusal::wrong_seeds(),
                with(&|it| it.node = pda::jobs::node(&stranger)),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;

    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

//! `initialize`: the deployer makes the pool and its vault.

use nosana_client::rewards;
use nosana_tests::{
    Refusal,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::bare().await;
    let (five, freezing) = (world.mint_with(5, false).await, world.mint_with(6, true).await);
    let valid = world.initialize_rewards();
    let epoch =
        |epoch_seconds| rewards::instructions::Initialize { epoch_seconds, ..valid.clone() };
    let stranger =
        rewards::instructions::Initialize { deployer: world.stranger.pubkey(), ..valid.clone() };
    let (deployer, by) = (world.deployer.pubkey(), [&world.deployer]);

    world
        .refuse_all([
            case("a stranger", rewards::Error::NotDeployer, stranger, &[&world.stranger]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), deployer), &[]),
            case("no epoch", rewards::Error::EpochOutOfRange, epoch(0), &by),
            case("an epoch under a minute", rewards::Error::EpochOutOfRange, epoch(59), &by),
            case(
                "five decimals",
                rewards::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, five),
                &by,
            ),
            case(
                "a mint that freezes",
                rewards::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, freezing),
                &by,
            ),
            case(
                "an epoch over 30 days",
                rewards::Error::EpochOutOfRange,
                epoch(30 * 86_400 + 1),
                &by,
            ),
        ])
        .await;

    world.run(epoch(60), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

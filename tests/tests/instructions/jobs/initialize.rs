//! `initialize`: the deployer makes the configuration.

use nosana_client::{jobs, pda, rewards};
use nosana_tests::{
    Refusal, programs,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::bare().await;
    let (five, freezing) = (world.mint_with(5, false).await, world.mint_with(6, true).await);
    let valid = world.initialize_jobs();
    let with = |change: fn(&mut jobs::instructions::Initialize)| {
        let mut changed = valid.clone();
        change(&mut changed);
        changed
    };
    let stranger =
        jobs::instructions::Initialize { deployer: world.stranger.pubkey(), ..valid.clone() };
    let (deployer, by) = (world.deployer.pubkey(), [&world.deployer]);

    world
        .refuse_all([
            case("a stranger", jobs::Error::NotDeployer, stranger, &[&world.stranger]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), deployer), &[]),
            case(
                "a fee over a quarter",
                jobs::Error::PolicyOutOfRange,
                with(|it| it.network_fee_bps = 2_501),
                &by,
            ),
            case(
                "the data of another program",
                jobs::Error::NotDeployer,
                with(|it| it.program_data = programs::data_address(&rewards::ID)),
                &by,
            ),
            case(
                "no program data",
                jobs::Error::NotDeployer,
                with(|it| it.program_data = pda::jobs::authority()),
                &by,
            ),
            case(
                "another program",
                Refusal::wrong_address(jobs::ID),
                swap(valid.clone(), jobs::ID, rewards::ID),
                &by,
            ),
            case(
                "another place",
                Refusal::wrong_seeds(),
                with(|it| it.config = pda::staking::config()),
                &by,
            ),
            case(
                "a deposit over a million NOS",
                jobs::Error::PolicyOutOfRange,
                with(|it| it.market_deposit = 1_000_000_000_001),
                &by,
            ),
            case(
                "five decimals",
                jobs::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, five),
                &by,
            ),
            case(
                "a mint that freezes",
                jobs::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, freezing),
                &by,
            ),
            case(
                "not a mint",
                Refusal::wrong_owner(),
                with(|it| it.mint = programs::data_address(&jobs::ID)),
                &by,
            ),
        ])
        .await;

    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

//! `initialize`: the deployer makes the configuration and the vault.

use nosana_client::{jobs, pda, staking};
use nosana_tests::{
    Refusal, programs,
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::bare().await;
    let (five, freezing) = (world.mint_with(5, false).await, world.mint_with(6, true).await);
    let valid = world.initialize_staking();
    let stranger =
        staking::instructions::Initialize { deployer: world.stranger.pubkey(), ..valid.clone() };
    let wrong_data = programs::data_address(&jobs::ID);
    let other_data =
        staking::instructions::Initialize { program_data: wrong_data, ..valid.clone() };
    let token_account = world.token_account(&world.deployer.pubkey());
    let not_a_mint = staking::instructions::Initialize { mint: token_account, ..valid.clone() };
    let vault = staking::instructions::Initialize { vault: pda::rewards::vault(), ..valid.clone() };
    let (deployer, by) = (world.deployer.pubkey(), [&world.deployer]);

    world
        .refuse_all([
            case("a stranger", staking::Error::NotDeployer, stranger, &[&world.stranger]),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), deployer), &[]),
            case("the data of another program", staking::Error::NotDeployer, other_data, &by),
            case("a token account as the mint", Refusal::wrong_type(), not_a_mint, &by),
            case("another vault", Refusal::wrong_seeds(), vault, &by),
            case(
                "five decimals",
                staking::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, five),
                &by,
            ),
            case(
                "a mint that freezes",
                staking::Error::UnsuitableMint,
                swap(valid.clone(), valid.mint, freezing),
                &by,
            ),
            case(
                "another program",
                Refusal::wrong_address(staking::ID),
                swap(valid.clone(), staking::ID, jobs::ID),
                &by,
            ),
        ])
        .await;

    world.run(valid.clone(), &by).await;
    world.refuse(Refusal::account_exists(), valid, &by).await;
    world
}

//! Attempts to move other people's collateral, or to save one's own.

use nosana_client::{ProgramAccount, actions, jobs, pda, staking};
use nosana_tests::{
    Chain, Refusal,
    terms::{DURATION, NOS, batch, terms},
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;
use staking::{
    accounts::Config,
    instructions::{Close, Lock, Release, Slash},
};

use crate::World;

fn slash(world: &World, jobs_authority: Address) -> Slash {
    let owner = world.node.pubkey();
    Slash {
        jobs_authority,
        config: pda::staking::config(),
        stake: pda::staking::stake(&owner),
        vault: pda::staking::vault(),
        pool: pda::rewards::pool(),
        pool_vault: pda::rewards::vault(),
        position: pda::rewards::position(&owner),
        amount: 1,
        reason: 0,
    }
}

#[tokio::test]
async fn only_the_jobs_program_moves_collateral() {
    let world = World::new(terms()).await;
    world.list(batch(1)).await;
    world.work(&world.node).await;
    let (config, stake) = (pda::staking::config(), pda::staking::stake(&world.node.pubkey()));
    let real = pda::jobs::authority();
    let lock = |jobs_authority| Lock { jobs_authority, config, stake, amount: 1 };
    let release = |jobs_authority| Release { jobs_authority, config, stake, amount: 1 };
    for wallet in [&world.stranger, &world.node, &world.deployer] {
        let key = wallet.pubkey();
        let refusal = staking::Error::NotJobsAuthority;
        world
            .refuse_all([
                case("lock", refusal, lock(key), &[wallet]),
                case("release", refusal, release(key), &[wallet]),
                case("slash", refusal, slash(&world, key), &[wallet]),
            ])
            .await;
    }
    world
        .refuse_all([
            case("lock in its name", Refusal::unsigned(), unsigned(lock(real), real), &[]),
            case("release in its name", Refusal::unsigned(), unsigned(release(real), real), &[]),
            case("slash in its name", Refusal::unsigned(), unsigned(slash(&world, real), real), &[]),
        ])
        .await;
}

#[tokio::test]
async fn a_configuration_of_ones_own_gives_no_power() {
    let world = World::new(terms()).await;
    let thief = world.stranger.pubkey();
    let config = world.get::<Config>(&pda::staking::config()).await;
    let mut account = world.chain.account(&pda::staking::config()).await.expect("it is there");
    account.data = Config { jobs_authority: thief, ..config }.to_data();
    let (copy, foreign) = (Address::new_unique(), Address::new_unique());
    world.chain.put(&copy, account.clone());
    world.chain.put(&foreign, solana_account::Account { owner: thief, ..account });
    let release = Release {
        jobs_authority: thief,
        config: pda::staking::config(),
        stake: pda::staking::stake(&world.node.pubkey()),
        amount: 0,
    };
    world
        .refuse_all([
            case(
                "in another place",
                Refusal::wrong_seeds(),
                swap(release.clone(), release.config, copy),
                &[&world.stranger],
            ),
            case(
                "of another program",
                Refusal::wrong_owner(),
                swap(release.clone(), release.config, foreign),
                &[&world.stranger],
            ),
        ])
        .await;
}

#[tokio::test]
async fn a_node_cannot_run_from_its_penalty() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    world.pass(u64::from(terms().start_seconds) + 1);
    world.run(actions::unstake(owner), &by).await;
    world.pass(DURATION);
    world.run(actions::withdraw(owner, world.mint), &by).await;
    let close = Close { owner, stake: pda::staking::stake(&owner) };
    world
        .refuse_all([
            case(
                "withdraw the collateral",
                staking::Error::NothingToWithdraw,
                actions::withdraw(owner, world.mint),
                &by,
            ),
            case("close the stake", staking::Error::StakeNotEmpty, close, &by),
            case("leave", jobs::Error::NotInQueue, actions::leave(owner, world.market, 0), &by),
            case("start", jobs::Error::StakeTooSmall, actions::start(owner, job, world.market), &by),
        ])
        .await;
    world.expire_match(&job, &world.node).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, terms().no_start_penalty);
}

#[tokio::test]
async fn a_node_cannot_be_paid_into_a_vault() {
    let world = World::new(terms()).await;
    let owner = world.client.pubkey();
    let register = actions::register_node(owner, world.mint, [1; 32], 1, 1);
    for vault in [pda::jobs::vault(&world.market), pda::staking::vault(), pda::rewards::vault()] {
        let into = jobs::instructions::RegisterNode { payout: vault, ..register.clone() };
        world.refuse(jobs::Error::PayoutNotOwned, into, &[&world.client]).await;
    }
}

#[tokio::test]
async fn a_deposit_cannot_come_from_a_vault() {
    let world = World::new(terms()).await;
    let owner = world.client.pubkey();
    let list = actions::list(owner, owner, world.market, world.mint, batch(1));
    world.run(actions::fund(owner, world.mint, NOS), &[&world.client]).await;
    for vault in [pda::staking::vault(), pda::rewards::vault()] {
        let from = swap(list.clone(), list.payer_token, vault);
        world.refuse(Refusal::Program(nosana_client::token::PROGRAM, 4), from, &[&world.client]).await;
    }
    let from_itself = swap(list.clone(), list.payer_token, list.vault);
    world.refuse(Refusal::same_account_twice(jobs::ID), from_itself, &[&world.client]).await;
}

//! Attempts to move another's collateral, or to save one's own.

use nosana_client::{
    actions,
    jobs::{self, types::MarketTerms},
    pda, staking,
};
use nosana_tests::{
    Chain, Refusal,
    terms::{DURATION, HARDWARE, NOS, batch, terms},
    world::{case, swap, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;
use staking::instructions::{Close, Lock, Release, Slash};

use crate::World;

fn slash(owner: &Address, nos_mint: Address) -> Slash {
    Slash {
        stake: pda::staking::stake(owner),
        vault: pda::staking::vault(),
        nos_mint,
        position: pda::rewards::position(owner),
        delegated_position: pda::rewards::position(&pda::staking::stake(owner)),
        reporter_token: Address::new_from_array([0xfe; 32]),
        amount: 1,
        reason: 0,
        reporter_amount: None,
    }
}

#[tokio::test]
async fn only_the_jobs_program_moves_collateral() {
    let world = World::new(terms()).await;
    world.list(batch(1)).await;
    world.work(&world.node).await;
    let stake = pda::staking::stake(&world.node.pubkey());
    let real = pda::jobs::authority();
    let lock = Lock { stake, amount: 1 };
    let release = Release { stake, amount: 1 };
    let slash = slash(&world.node.pubkey(), world.mint);
    for wallet in [&world.stranger, &world.node, &world.deployer] {
        let key = wallet.pubkey();
        let refusal = staking::Error::NotJobsAuthority;
        world
            .refuse_all([
                case("lock", refusal, swap(lock.clone(), real, key), &[wallet]),
                case("release", refusal, swap(release.clone(), real, key), &[wallet]),
                case("slash", refusal, swap(slash.clone(), real, key), &[wallet]),
            ])
            .await;
    }

    world
        .refuse_all([
            case("lock in its name", Refusal::unsigned(), unsigned(lock, real), &[]),
            case("release in its name", Refusal::unsigned(), unsigned(release, real), &[]),
            case("slash in its name", Refusal::unsigned(), unsigned(slash, real), &[]),
        ])
        .await;
}

#[tokio::test]
async fn a_configuration_of_ones_own_gives_no_power() {
    let world = World::new(terms()).await;
    world.list(batch(1)).await;
    world.work(&world.node).await;
    let account = world.chain.account(&pda::staking::config()).await.expect("it is there");
    let (copy, foreign) = (Address::new_unique(), Address::new_unique());
    world.chain.set_account(&copy, account.clone());
    world.chain.set_account(
        &foreign,
        solana_account::Account { owner: world.stranger.pubkey(), ..account },
    );
    let slash = slash(&world.node.pubkey(), world.mint);
    for (place, refusal) in
        [(copy, staking::Error::WrongAccount.into()), (foreign, Refusal::wrong_owner())]
    {
        let failure = world
            .simulate(&swap(slash.clone(), pda::staking::config(), place))
            .expect_err("it is not the one");
        assert!(failure.refusal() == refusal, "{}", failure.refusal());
    }
}

#[tokio::test]
async fn a_node_cannot_run_from_its_penalty() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    let taken = world.now();

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.run(actions::unstake(owner), &by).await;

    world.advance_clock(DURATION);
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
            case(
                "start",
                jobs::Error::StakeTooSmall,
                actions::start(owner, job, &world.job(&job).await),
                &by,
            ),
        ])
        .await;

    world.expire_match_in_time(&job, &world.node, taken).await;
    assert_eq!(world.stake_of(&world.node).await.slashed, terms().no_start_penalty);
}

/// A node that stakes just what the market requires, and misses one of its two jobs.
#[tokio::test]
async fn one_penalty_ends_no_other_run_of_its_owner() {
    let terms = MarketTerms { no_start_penalty: 1, collateral_per_job: NOS, ..terms() };
    let world = World::new(terms).await;
    let node = world.wallet().await;
    world.run(actions::open_stake(node.pubkey(), world.mint, 25 * NOS, DURATION), &[&node]).await;
    assert_eq!(world.stake_of(&node).await.xnos, terms.min_xnos, "exactly enough");
    world.register(&node).await;
    let (runs, missed) = (world.list(batch(1)).await, world.list(batch(2)).await);
    world.work_and_start(&node, &runs).await;
    world.work(&node).await;

    world.heartbeat_for(u64::from(terms.start_seconds) + 1, &node, &runs).await;
    world.expire_match(&missed, &node).await;
    assert!(world.stake_of(&node).await.xnos < terms.min_xnos, "a base unit less");
    let stranger = world.stranger.pubkey();
    let expire = actions::expire_run(stranger, runs, &world.job(&runs).await, node.pubkey());
    world.refuse(jobs::Error::TooEarly, expire, &[&world.stranger]).await;
    let before = world.tokens(&node).await;
    world.finish(&node, &runs).await;
    assert!(world.tokens(&node).await > before, "the work is paid");

    // It takes no new job before it has staked enough again.
    let work = actions::work(node.pubkey(), world.market, 1);
    world.refuse(jobs::Error::StakeTooSmall, work, &[&node]).await;
}

#[tokio::test]
async fn a_run_ends_when_a_slash_leaves_its_owner_nothing() {
    let all = 25 * NOS;
    let start_seconds = u32::try_from(all / 62_500).expect("in range");
    let terms =
        MarketTerms { no_start_penalty: all, collateral_per_job: all, start_seconds, ..terms() };
    let free = MarketTerms { no_start_penalty: 0, collateral_per_job: 0, ..terms };
    let mut world = World::new(free).await;
    let node = world.wallet().await;
    world.run(actions::open_stake(node.pubkey(), world.mint, all, DURATION), &[&node]).await;
    world.register(&node).await;
    let runs = world.list(batch(1)).await;
    world.work_and_start(&node, &runs).await;

    let market = world.market;
    world.market = world.open_market(2, terms).await;
    let missed = world.list(batch(2)).await;
    world.work(&node).await;
    world.market = market;
    world.heartbeat_for(u64::from(terms.start_seconds) + 1, &node, &runs).await;
    world.expire_match(&missed, &node).await;
    assert_eq!(world.stake_of(&node).await.xnos, 0);
    world.expire_run(&runs, &node).await;
}

#[tokio::test]
async fn a_node_cannot_be_paid_into_a_vault() {
    let world = World::new(terms()).await;
    let owner = world.client.pubkey();
    let register = actions::register_node(owner, world.mint, HARDWARE);
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
        world
            .refuse(Refusal::Program(nosana_client::token::PROGRAM, 4), from, &[&world.client])
            .await;
    }
    let from_itself = swap(list.clone(), list.payer_token, list.vault);
    world.refuse(Refusal::same_account_twice(jobs::ID), from_itself, &[&world.client]).await;
}

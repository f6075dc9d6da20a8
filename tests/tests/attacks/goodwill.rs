//! Programs of ours that turned bad: what code that takes all it can would get, and who could still
//! leave if another program refused everything or were closed.
//!
//! `nosana_thief` empties every token account whose owner's signature reaches it with the account.
//! `toolchain_selftest` refuses every call that has accounts.

use nosana_client::{
    actions,
    jobs::{self, instructions::RetireMarket, types::MarketTerms},
    pda, rewards, staking,
};
use nosana_protocol::units::SECONDS_PER_DAY;
use nosana_tests::{
    Chain,
    programs::{deployed, read_program},
    terms::{ANY_TERMS, DURATION, EPOCH, MARKET_DEPOSIT, NOS, STAKE, batch, terms},
    world::swap,
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// Replaces the code of a program, as its upgrade authority could.
pub fn replace_code(world: &World, program: &Address, name: &str) {
    for (address, account) in deployed(program, &read_program(name), None) {
        world.chain.set_account(&address, account);
    }
}

/// A world with fees to sweep, a match to expire, a delegation, and income.
struct Economy {
    world: World,
    /// A job whose node has missed its start clock.
    missed: Address,
    delegator: Keypair,
}

impl Economy {
    async fn new() -> Self {
        let world = World::new(terms()).await;
        let delegator = world.wallet().await;
        world.accept_delegations(&world.staker, 500).await;
        world.delegate(&delegator, &world.staker, 100 * NOS).await;
        let fund = actions::fund(world.client.pubkey(), world.mint, 30 * NOS);
        world.run(fund, &[&world.client]).await;

        world.advance_clock(2 * EPOCH);
        let done = world.list(batch(1)).await;
        world.work_and_start(&world.node, &done).await;
        world.advance_clock(30);
        world.finish(&world.node, &done).await;

        let missed = world.list(batch(2)).await;
        world.work(&world.other_node).await;
        world.advance_clock(u64::from(terms().start_seconds) + 1);
        Self { world, missed, delegator }
    }
}

/// The tokens in the vaults of the market, of all stakes, and of the reward pool.
async fn vaults(world: &World) -> [u64; 3] {
    [
        world.tokens_in(&pda::jobs::vault(&world.market)).await,
        world.tokens_in(&pda::staking::vault()).await,
        world.tokens_in(&pda::rewards::vault()).await,
    ]
}

#[tokio::test]
async fn bad_code_of_the_rewards_program_takes_nothing_from_other_vaults() {
    let Economy { world, missed, delegator } = Economy::new().await;
    let penalty = terms().no_start_penalty;
    replace_code(&world, &rewards::ID, "nosana_thief");
    let before = vaults(&world).await;
    let thief = world.token_account(&world.stranger.pubkey());
    let fees = world.queue().await.header.fees_accrued;

    // The sweep moves the fees and no more, and only to the pool.
    let sweep = actions::sweep_fees(world.market);
    let elsewhere = swap(sweep.clone(), pda::rewards::vault(), thief);
    assert!(world.attempt(elsewhere, &[]).await.is_err(), "to the thief");
    world.attempt(sweep, &[]).await.expect("nobody else is called");
    assert_eq!(vaults(&world).await, [before[0] - fees, before[1], before[2] + fees]);

    // The slash burns the penalty and no more.
    let before = vaults(&world).await;
    let supply = world.supply().await;
    let node = world.other_node.pubkey();
    let nobody = world.nonexistent_account();
    let stored = world.job(&missed).await;
    let expire = actions::expire_match(missed, &stored, node, world.mint, nobody);
    world.attempt(expire, &[]).await.expect("the thief does not refuse");
    assert_eq!(vaults(&world).await, [before[0], before[1] - penalty, before[2]]);
    assert_eq!(world.supply().await, supply - penalty);

    // Those that pass on a signature of the stake or of its owner.
    let before = vaults(&world).await;
    let (who, staker) = (delegator.pubkey(), world.staker.pubkey());
    let add = actions::delegate(who, staker, world.mint, NOS, ANY_TERMS);
    world.attempt(add, &[&delegator]).await.expect("the thief does not refuse");
    let _ = world.attempt(actions::claim_delegated(who, staker, world.mint), &[]).await;
    let _ = world.attempt(actions::undelegate(who, who, staker), &[&delegator]).await;
    let _ = world.attempt(actions::compound(staker), &[&world.staker]).await;
    let _ = world.attempt(actions::unstake(staker), &[&world.staker]).await;
    assert_eq!(vaults(&world).await, [before[0], before[1] + NOS, before[2]]);
}

/// The thief is one: a wallet that signs beside its token account loses all that is in it.
#[tokio::test]
async fn a_signature_beside_its_token_account_is_all_it_takes() {
    let world = World::new(terms()).await;
    let fund = actions::fund(world.client.pubkey(), world.mint, 1);
    replace_code(&world, &rewards::ID, "nosana_thief");
    world.attempt(fund, &[&world.client]).await.expect("the thief does not refuse");
    assert_eq!(world.tokens(&world.client).await, 0, "not one base unit, but everything");
}

/// The jobs program signs to staking with an authority that holds nothing.
#[tokio::test]
async fn bad_code_of_the_staking_program_takes_nothing_from_markets() {
    let Economy { world, missed, .. } = Economy::new().await;
    replace_code(&world, &staking::ID, "nosana_thief");
    let before = vaults(&world).await;

    let node = world.other_node.pubkey();
    let thief = world.token_account(&world.stranger.pubkey());
    let stored = world.job(&missed).await;
    let expire = actions::expire_match(missed, &stored, node, world.mint, thief);
    world.attempt(expire, &[]).await.expect("the thief does not refuse");
    // The node has kept collateral: it locks some only after it has released that.
    let owner = world.node.pubkey();
    let release = actions::release_collateral(owner);
    world.attempt(release, &[&world.node]).await.expect("the thief does not refuse");
    let work = actions::work(owner, world.market, 1);
    world.attempt(work, &[&world.node]).await.expect("the thief does not refuse");
    assert_eq!(vaults(&world).await, before, "also not the stakes, for which it does not sign");
}

/// Everyone leaves while the rewards program refuses.
async fn leave_without_rewards(economy: Economy) {
    let Economy { world, delegator, .. } = economy;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    let who = delegator.pubkey();
    let earned = world.delegation_of(&delegator, &world.staker).await.accrued;

    assert!(world.attempt(actions::unstake(owner), &by).await.is_err(), "it calls rewards");
    let call = actions::undelegate(who, who, owner);
    assert!(world.attempt(call, &[&delegator]).await.is_err(), "it calls rewards");

    let send = async |instruction: solana_instruction::Instruction, signer: &Keypair| {
        if let Err(failure) = world.attempt(instruction, &[signer]).await {
            panic!("{}\n{}", failure.refusal(), failure.logs.join("\n"));
        }
    };
    send(actions::unstake_unsettled(owner).into(), &world.staker).await;
    send(actions::undelegate_unsettled(who, owner).into(), &delegator).await;

    world.advance_clock(SECONDS_PER_DAY + DURATION);
    let before = [world.tokens(&world.staker).await, world.tokens(&delegator).await];
    send(actions::withdraw(owner, world.mint).into(), &world.staker).await;
    send(actions::withdraw_delegated(who, who, owner, world.mint).into(), &delegator).await;
    if earned > 0 {
        send(actions::claim_delegated(who, owner, world.mint).into(), &delegator).await;
    }
    send(actions::close_delegation(who, who, owner).into(), &delegator).await;
    let commission = world.stake_of(&world.staker).await.commission_owed;
    if commission > 0 {
        send(actions::claim_commission(owner, world.mint).into(), &world.staker).await;
    }
    let close = staking::instructions::Close { owner, stake: pda::staking::stake(&owner) };
    send(close.into(), &world.staker).await;

    assert_eq!(world.tokens(&world.staker).await - before[0], STAKE + commission);
    assert_eq!(world.tokens(&delegator).await - before[1], 100 * NOS + earned);
}

#[tokio::test]
async fn stakers_and_delegators_leave_code_that_refuses() {
    let economy = Economy::new().await;
    replace_code(&economy.world, &rewards::ID, "toolchain_selftest");
    leave_without_rewards(economy).await;
}

#[tokio::test]
async fn stakers_and_delegators_leave_a_program_that_is_closed() {
    let economy = Economy::new().await;
    let gone = solana_account::Account::default();
    economy.world.chain.set_account(&nosana_tests::programs::data_address(&rewards::ID), gone);
    replace_code(&economy.world, &rewards::ID, "toolchain_selftest");
    leave_without_rewards(economy).await;
}

#[tokio::test]
async fn what_a_delegation_has_earned_leaves_without_the_rewards_program() {
    let economy = Economy::new().await;
    let (world, delegator) = (&economy.world, &economy.delegator);
    // A deposit collects and settles what was earned before.
    world.delegate(delegator, &world.staker, NOS).await;
    let who = delegator.pubkey();
    let earned = world.delegation_of(delegator, &world.staker).await.accrued;
    assert!(earned > 0);
    let leave = actions::undelegate_unsettled(who, world.staker.pubkey());
    world.run(leave, &[delegator]).await;

    replace_code(world, &rewards::ID, "toolchain_selftest");
    let before = world.tokens(delegator).await;
    let claim = actions::claim_delegated(who, world.staker.pubkey(), world.mint);
    world.attempt(claim, &[]).await.expect("it lies in the staking vault");
    assert_eq!(world.tokens(delegator).await - before, earned);
}

#[tokio::test]
async fn a_market_closes_without_the_rewards_program() {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    world.advance_clock(30);
    world.finish(&world.node, &job).await;
    world.advance_clock(terms().retention_seconds.into());
    world.clean(&job).await;
    let authority = world.deployer.pubkey();
    let retire = RetireMarket { authority, market: world.market };
    world.run(retire, &[&world.deployer]).await;

    replace_code(&world, &rewards::ID, "toolchain_selftest");
    let close = actions::close_market(authority, world.mint, world.market);
    let before = world.tokens(&world.deployer).await;
    world.refuse(jobs::Error::MarketInUse, close.clone(), &[&world.deployer]).await;
    world.attempt(actions::sweep_fees(world.market), &[]).await.expect("nobody else is called");
    world.attempt(close, &[&world.deployer]).await.expect("nothing is left in it");
    assert_eq!(world.tokens(&world.deployer).await - before, MARKET_DEPOSIT);
}

/// A stake that new code of the staking program wrote in another layout does not count as zero: no
/// run ends, no node is evicted, and no position loses its weight.
#[tokio::test]
async fn a_stake_that_cannot_be_read_costs_its_owner_nothing() {
    let mut world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let free = MarketTerms { collateral_per_job: 0, no_start_penalty: 0, ..terms() };
    let market = world.market;
    world.market = world.open_market(2, free).await;
    world.work(&world.node).await;

    let node = world.node.pubkey();
    let cell = world.cell(&pda::jobs::node(&node)).await;
    let evict = actions::evict_node(node, world.market, cell);
    world.market = market;
    let stranger = world.stranger.pubkey();
    let expire = actions::expire_run(stranger, job, &world.job(&job).await, node);
    let weight = world.position_of(&world.node).await.weight;

    let stake = pda::staking::stake(&node);
    let sound = world.chain.account(&stake).await.expect("the stake is there");
    let mut longer = sound.clone();
    longer.data.extend([0; 8]);
    world.chain.set_account(&stake, longer);
    let unreadable = jobs::Error::UnreadableStake;
    world.refuse(unreadable, expire, &[&world.stranger]).await;
    world.refuse(unreadable, evict, &[]).await;
    let sync = actions::sync(node);
    world.refuse(rewards::Error::UnreadableStake, sync, &[]).await;
    assert_eq!(world.position_of(&world.node).await.weight, weight);

    world.chain.set_account(&stake, sound);
    world.finish(&world.node, &job).await;
}

/// What a position has earned leaves, whatever the staking program made of the stake.
#[tokio::test]
async fn who_has_a_stake_that_cannot_be_read_takes_what_was_earned() {
    let world = World::new(terms()).await;
    let (owner, mint, by) = (world.staker.pubkey(), world.mint, [&world.staker]);
    world.run(actions::fund(world.client.pubkey(), mint, 30 * NOS), &[&world.client]).await;
    world.advance_clock(EPOCH + EPOCH / 2);

    let stake = pda::staking::stake(&owner);
    let mut longer = world.chain.account(&stake).await.expect("the stake is there");
    longer.data.extend([0; 8]);
    world.chain.set_account(&stake, longer);
    let harvest = actions::harvest(owner, mint);
    world.refuse(rewards::Error::UnreadableStake, harvest, &by).await;

    let before = world.tokens(&world.staker).await;
    world.attempt(actions::claim(owner, mint), &by).await.expect("it is the owner's");
    let claimed = world.tokens(&world.staker).await - before;
    assert!(claimed.abs_diff(5 * NOS) <= 2, "{claimed}");
    world.advance_clock(EPOCH);
    world.attempt(actions::exit(owner, mint), &by).await.expect("it is the owner's");
    let both = world.tokens(&world.staker).await - before;
    assert!(both.abs_diff(10 * NOS) <= 4, "{both}");
}

/// Each withdrawal rounds against the delegation: strangers could do it every second.
#[tokio::test]
async fn a_stranger_does_not_wear_down_a_delegation() {
    let heavy = MarketTerms { collateral_per_job: 3 * NOS, no_start_penalty: 3 * NOS, ..terms() };
    let world = World::new(MarketTerms { min_xnos: 1, ..heavy }).await;
    let (node, who) = (world.wallet().await, world.wallet().await);
    let other = world.wallet().await;
    world.run(actions::open_stake(node.pubkey(), world.mint, 10 * NOS, DURATION), &[&node]).await;
    world.register(&node).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(&who, &node, NOS).await;
    world.delegate(&other, &node, NOS).await;

    // After a slash a base unit costs more than a share, so rounding costs up to a share.
    let job = world.list(batch(1)).await;
    world.work(&node).await;
    world.advance_clock(u64::from(heavy.start_seconds) + 1);
    world.expire_match(&job, &node).await;
    world.undelegate(&who, &node).await;
    let before = world.delegation_value(&who, &node).await;

    let stranger = world.stranger.pubkey();
    for _ in 0..20 {
        world.advance_clock(100);
        let withdraw =
            actions::withdraw_delegated(stranger, who.pubkey(), node.pubkey(), world.mint);
        world.refuse(staking::Error::CooldownRuns, withdraw, &[&world.stranger]).await;
    }
    assert_eq!(world.delegation_value(&who, &node).await, before);

    world.advance_clock(DURATION);
    assert_eq!(world.withdraw_delegated(&who, &node).await, before, "not a base unit less");
}

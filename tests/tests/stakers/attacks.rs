//! What somebody might try to earn more than a fair share of the income, to lessen another's, or to
//! save collateral.
//!
//! Three positions of equal weight are there from the beginning: two nodes' and the staker's.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::{
    Lite, Refusal,
    terms::{DURATION, EPOCH, INITIAL_BALANCE, NOS, STAKE, START, batch, terms},
    world::{case, swap},
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use staking::instructions::Close;

type World = nosana_tests::World<Lite>;

/// Income of an epoch: 30 NOS, of which each of three gets 10.
const INCOME: u64 = 30 * NOS;

async fn fund_pool(world: &World, amount: u64) {
    world.run(actions::fund(world.client.pubkey(), world.mint, amount), &[&world.client]).await;
}

/// Sends without an audit, for what is done thousands of times.
async fn send_without_audit(
    world: &World,
    instruction: impl Into<Instruction>,
    signers: &[&Keypair],
) {
    if let Err(failure) = world.attempt(instruction, signers).await {
        panic!("{}\n{}", failure.refusal(), failure.logs.join("\n"));
    }
}

/// A share is paid in full but for `dust` base units, and never more.
fn check_share(paid: u64, share: u64, dust: u64) {
    assert!((share.saturating_sub(dust)..=share).contains(&paid), "{paid} instead of {share}");
}

#[tokio::test]
async fn who_enters_around_a_deposit_takes_nothing_of_it() {
    let world = World::new(terms()).await;
    let whale = world.wallet().await;
    let owner = whale.pubkey();
    let mint = world.mint;
    let by = [&whale, &world.client];
    let amount = INITIAL_BALANCE - STAKE;
    // All in one transaction: twenty-five times everybody's weight, a deposit, and out.
    let flash: [Instruction; 5] = [
        actions::open_stake(owner, mint, amount, DURATION).into(),
        actions::enter(owner).into(),
        actions::fund(world.client.pubkey(), mint, INCOME).into(),
        actions::exit(owner, mint).into(),
        actions::unstake(owner).into(),
    ];
    world.attempt_all(&flash, &by).await.expect("nothing forbids it");
    assert_eq!(
        world.tokens(&whale).await,
        STAKE,
        "it earned nothing, and the stake is in its cooldown"
    );
    world
        .refuse(staking::Error::NothingToWithdraw, actions::withdraw(owner, mint), &[&whale])
        .await;

    // In the last second of the waiting and out in the first second of the paying: one second's
    // share, and no more.
    world.run(actions::restake(owner), &[&whale]).await;

    world.set_clock(START + EPOCH as i64 - 1);
    world.enter(&whale).await;

    world.advance_clock(2);
    world.run(actions::exit(owner, mint), &[&whale]).await;
    let weight = u128::from(amount);
    let all = u128::from(amount + 3 * STAKE);
    let share = u64::try_from(u128::from(INCOME / EPOCH) * weight / all).expect("small");
    check_share(world.tokens(&whale).await - STAKE, share, 1);

    world.set_clock(START + 2 * EPOCH as i64);
    check_share(world.claim(&world.staker).await, (INCOME - share) / 3, 2);
}

#[tokio::test]
async fn tiny_deposits_do_not_stretch_an_epoch() {
    let (calm, noisy) = (World::new(terms()).await, World::new(terms()).await);
    for world in [&calm, &noisy] {
        fund_pool(world, INCOME).await;
        world.set_clock(START + EPOCH as i64);
        world.run(actions::sync(world.staker.pubkey()), &[]).await;
    }
    for _ in 0..EPOCH {
        noisy.advance_clock(1);
        let one = actions::fund(noisy.client.pubkey(), noisy.mint, 1);
        send_without_audit(&noisy, one, &[&noisy.client]).await;
        let expected = if noisy.now() % EPOCH as i64 == 0 { EPOCH - 1 } else { INCOME };
        assert_eq!(
            noisy.pool().await.stream,
            expected,
            "the running epoch pays what it always did"
        );
    }

    calm.advance_clock(EPOCH);
    let (undisturbed, disturbed) =
        (calm.claim(&calm.staker).await, noisy.claim(&noisy.staker).await);
    assert_eq!(undisturbed, disturbed, "to the base unit");
    check_share(disturbed, INCOME / 3, 1);
    assert_eq!(
        noisy.pool().await.pending,
        1,
        "the deposit of the epoch's last second waits for the one after"
    );

    noisy.advance_clock(EPOCH);
    check_share(noisy.claim(&noisy.staker).await, (EPOCH - 1) / 3, 1);
}

#[tokio::test]
async fn nothing_is_paid_twice() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    fund_pool(&world, INCOME).await;

    world.advance_clock(2 * EPOCH);
    let claim = || Instruction::from(actions::claim(owner, world.mint));
    let before = world.tokens(&world.staker).await;
    for twice in [[claim(), claim()], [claim(), actions::compound(owner).into()]] {
        let failure =
            world.attempt_all(&twice, &by).await.expect_err("the second one finds nothing");
        assert!(
            failure.refusal() == rewards::Error::NothingToClaim.into(),
            "{}",
            failure.refusal()
        );
    }
    assert_eq!(world.tokens(&world.staker).await, before);
    check_share(world.claim(&world.staker).await, INCOME / 3, 1);
    world.refuse(rewards::Error::NothingToClaim, claim(), &by).await;
    world.refuse(rewards::Error::NothingToClaim, actions::compound(owner), &by).await;
    // An exit pays what is left, which is nothing; a second one finds no position.
    let before = world.tokens(&world.staker).await;
    let exit = actions::exit(owner, world.mint);
    let all = [exit.clone().into(), exit.into()];
    let failure = world.attempt_all(&all, &by).await.expect_err("there is nothing to close");
    assert!(failure.refusal() == Refusal::too_small(), "{}", failure.refusal());
    world.run(actions::exit(owner, world.mint), &by).await;
    assert_eq!(world.tokens(&world.staker).await, before);
}

#[tokio::test]
async fn nobody_takes_another_earnings() {
    let world = World::new(terms()).await;
    let victim = world.staker.pubkey();
    let thief = world.node.pubkey();
    let by = [&world.node];
    fund_pool(&world, INCOME).await;

    world.advance_clock(2 * EPOCH);
    let positions = [pda::rewards::position(&thief), pda::rewards::position(&victim)];
    let claim = actions::claim(thief, world.mint);
    let exit = actions::exit(thief, world.mint);
    let other = |instruction: Instruction| swap(instruction, positions[0], positions[1]);
    let to_me = |instruction: Instruction| {
        swap(instruction, world.token_account(&victim), world.token_account(&thief))
    };
    let victims = || to_me(actions::claim(victim, world.mint).into());

    world
        .refuse_all([
            case("claim", rewards::Error::NotOwner, other(claim.into()), &by),
            case("exit", rewards::Error::NotOwner, other(exit.into()), &by),
            case(
                "claim unsigned",
                Refusal::unsigned(),
                nosana_tests::world::unsigned(victims(), victim),
                &[],
            ),
            case(
                "compound",
                staking::Error::WrongAccount,
                other(actions::compound(thief).into()),
                &by,
            ),
            case(
                "leave the own position unsettled",
                staking::Error::WrongAccount,
                other(actions::unstake(thief).into()),
                &by,
            ),
            case(
                "another's weight",
                rewards::Error::WrongStake,
                swap(
                    actions::sync(thief),
                    pda::staking::stake(&thief),
                    pda::staking::stake(&victim),
                ),
                &[],
            ),
        ])
        .await;

    check_share(world.claim(&world.staker).await, INCOME / 3, 1);
}

#[tokio::test]
async fn a_reopened_position_earns_nothing_from_before() {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    let mint = world.mint;
    let by = [&world.staker];
    fund_pool(&world, INCOME).await;

    world.set_clock(START + EPOCH as i64 + EPOCH as i64 / 2);
    let again = [actions::exit(owner, mint).into(), actions::enter(owner).into()];
    let before = world.tokens(&world.staker).await;
    world.attempt_all(&again, &by).await.expect("nothing forbids it");
    check_share(world.tokens(&world.staker).await - before, INCOME / 6, 1);
    assert_eq!(world.position_of(&world.staker).await.accrued, 0);
    world.refuse(rewards::Error::NothingToClaim, actions::claim(owner, mint), &by).await;
    // However often it does so, all it gets is its share, less a base unit each time.
    let times = 60;
    for _ in 0..times {
        world.advance_clock(EPOCH / 2 / times);
        world.attempt_all(&again, &by).await.expect("nothing forbids it");
    }
    check_share(world.tokens(&world.staker).await - before, INCOME / 3, times + 1);
    check_share(world.claim(&world.node).await, INCOME / 3, 1);
}

#[tokio::test]
async fn collateral_does_not_escape_through_the_cooldown() {
    let world = World::new(terms()).await;
    let owner = world.node.pubkey();
    let mint = world.mint;
    let by = [&world.node];
    let (collateral, penalty) = (terms().collateral_per_job, terms().no_start_penalty);
    let job = world.list(batch(1)).await;
    world.work(&world.node).await;
    let taken = world.now();
    world.run(actions::unstake(owner), &by).await;
    assert_eq!(world.position_of(&world.node).await.weight, 0, "earning ends, the lock does not");

    world.advance_clock(DURATION / 2);
    world.run(actions::withdraw(owner, mint), &by).await;
    assert_eq!(world.tokens(&world.node).await, INITIAL_BALANCE - STAKE / 2);

    world.advance_clock(DURATION);
    world.run(actions::withdraw(owner, mint), &by).await;
    assert_eq!(
        world.tokens(&world.node).await,
        INITIAL_BALANCE - collateral,
        "the locked part stays"
    );
    let close = Close { owner, stake: pda::staking::stake(&owner) };

    world
        .refuse_all([
            case(
                "withdraw",
                staking::Error::NothingToWithdraw,
                actions::withdraw(owner, mint),
                &by,
            ),
            case("close", staking::Error::StakeNotEmpty, close.clone(), &by),
        ])
        .await;

    world.expire_match_in_time(&job, &world.node, taken).await;
    let stake = world.stake_of(&world.node).await;
    let rest = collateral - penalty;
    assert_eq!((stake.amount - stake.withdrawn, stake.locked), (rest, rest));
    assert_eq!(world.pool().await.pending, 0, "it is burnt, and nobody's income");
    world
        .refuse_all([
            case(
                "withdraw what is idle",
                staking::Error::NothingToWithdraw,
                actions::withdraw(owner, mint),
                &by,
            ),
            case("close", staking::Error::StakeNotEmpty, close.clone(), &by),
        ])
        .await;
    assert_eq!(world.release_all(&world.node).await, rest);
    world.run(actions::withdraw(owner, mint), &by).await;
    world.run(close, &by).await;
    assert_eq!(world.tokens(&world.node).await, INITIAL_BALANCE - penalty);
}

#[tokio::test]
async fn donated_tokens_are_nobodys_until_the_pools_are_counted() {
    let world = World::new(terms()).await;
    let vaults = [pda::staking::vault(), pda::rewards::vault()];
    fund_pool(&world, INCOME).await;
    let pool = world.pool().await;
    let stake = world.stake_of(&world.staker).await;
    for vault in &vaults {
        world.donate(&world.stranger, vault, 1_000 * NOS).await;
    }
    assert_eq!((world.pool().await, world.stake_of(&world.staker).await), (pool, stake));

    world.advance_clock(2 * EPOCH);
    check_share(world.claim(&world.node).await, INCOME / 3, 1);
    check_share(world.claim(&world.other_node).await, INCOME / 3, 1);
    world.run(actions::compound(world.staker.pubkey()), &[&world.staker]).await;
    check_share(world.stake_of(&world.staker).await.amount - STAKE, INCOME / 3, 1);
    for owner in [&world.node, &world.other_node, &world.staker] {
        world.run(actions::unstake(owner.pubkey()), &[owner]).await;
    }

    world.advance_clock(DURATION);
    for owner in [&world.node, &world.other_node, &world.staker] {
        world.run(actions::withdraw(owner.pubkey(), world.mint), &[owner]).await;
        check_share(world.tokens(owner).await, INITIAL_BALANCE + INCOME / 3, 1);
    }
    assert_eq!(world.tokens_in(&vaults[0]).await, 1_000 * NOS, "donations stay where they are");
}

#[tokio::test]
async fn settling_often_moves_dust_only() {
    let world = World::new(terms()).await;
    fund_pool(&world, INCOME + 1).await;

    world.set_clock(START + EPOCH as i64);
    let mut syncs = 0;
    while world.now() < START + 2 * EPOCH as i64 {
        world.advance_clock(1);
        // The staker settles itself every second, several times, and another one with it.
        for owner in [&world.staker, &world.staker, &world.node] {
            send_without_audit(&world, actions::sync(owner.pubkey()), &[]).await;
        }
        syncs += 1;
    }
    let untouched = claim(&world, &world.other_node).await;
    let staker = claim(&world, &world.staker).await;
    let node = claim(&world, &world.node).await;
    check_share(untouched, INCOME / 3, 1);
    assert!(staker <= untouched && node <= untouched, "who is settled often never gets more");
    check_share(staker, untouched, syncs);
    check_share(node, untouched, syncs);
    // The rest of the roundings stays in the vault.
    let held = world.tokens_in(&pda::rewards::vault()).await;
    let pending = world.pool().await.pending;
    check_share(held - pending, INCOME + 1 - untouched - staker - node, 0);
}

/// Claims without an audit, whose allowance for dust is meant for a handful of settlements.
async fn claim(world: &World, owner: &Keypair) -> u64 {
    let before = world.tokens(owner).await;
    send_without_audit(world, actions::claim(owner.pubkey(), world.mint), &[owner]).await;
    world.tokens(owner).await - before
}

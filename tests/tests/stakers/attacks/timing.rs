//! When somebody enters, leaves, funds or settles.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::terms::{DURATION, EPOCH, INITIAL_BALANCE, STAKE, START, terms};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{INCOME, World, check_share, fund_pool, send_without_audit};

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

//! The lifecycle of a delegation, from the first deposit to the last base unit.

use nosana_client::{actions, pda, staking};
use nosana_tests::terms::{DURATION, INITIAL_BALANCE, NOS, STAKE, terms, up_to};
use solana_signer::Signer;

use crate::{DAY, TENTH, World, earn};

#[tokio::test]
async fn all_that_was_delegated_comes_back_with_what_it_earned() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    let lamports = world.lamports(&who.pubkey()).await;
    world.accept_delegations(node, TENTH).await;
    world.delegate(&who, node, 100 * NOS).await;
    let stake = world.stake_of(node).await;
    assert_eq!(
        (stake.delegated, stake.delegated_xnos),
        (100 * NOS, 400 * NOS),
        "a year weighs four times"
    );
    assert_eq!((stake.amount, stake.xnos), (STAKE, 4 * STAKE), "the node's own is untouched");
    assert_eq!(world.tokens(&who).await, INITIAL_BALANCE - 100 * NOS);

    earn(&world).await;
    let earned = world.claim_delegated(&who, node).await;
    assert!(earned > 0);
    // A tenth of what the stake earned, rounded down for the node.
    let commission = world.claim_commission(node).await;
    assert_eq!(commission, (earned + commission) / 10);

    world.undelegate(&who, node).await;
    let stake = world.stake_of(node).await;
    assert_eq!((stake.delegated, stake.delegated_xnos, stake.delegated_earning), (100 * NOS, 0, 0));
    let early = actions::withdraw_delegated(who.pubkey(), who.pubkey(), node.pubkey(), world.mint);
    world.refuse(staking::Error::NothingToWithdraw, early, &[&who]).await;

    world.advance_clock(DURATION / 4);
    assert_eq!(world.withdraw_delegated(&who, node).await, 25 * NOS);

    world.advance_clock(DURATION);
    assert_eq!(world.withdraw_delegated(&who, node).await, 75 * NOS);
    world.run(actions::close_delegation(who.pubkey(), who.pubkey(), node.pubkey()), &[&who]).await;
    assert_eq!(world.tokens(&who).await, INITIAL_BALANCE + earned);
    assert_eq!(world.lamports(&who.pubkey()).await, lamports, "the rent is back");
    let stake = world.stake_of(node).await;
    assert_eq!((stake.delegated, stake.delegated_shares, stake.delegation_count), (0, 0, 0));
}

#[tokio::test]
async fn a_commission_stands_until_the_next_deposit() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, TENTH).await;
    world.delegate(&who, node, 100 * NOS).await;
    world.accept_delegations(node, 5_000).await;
    earn(&world).await;
    let earned = world.claim_delegated(&who, node).await;
    let commission = world.claim_commission(node).await;
    assert_eq!(commission, (earned + commission) / 10, "the tenth that was agreed");
    let dear = actions::delegate(who.pubkey(), node.pubkey(), world.mint, NOS, up_to(4_999));
    world.refuse(staking::Error::CommissionTooHigh, dear, &[&who]).await;
    earn(&world).await;
    world.delegate(&who, node, NOS).await;
    let before = world.stake_of(node).await.commission_owed;
    assert!(before.abs_diff(commission) <= 1, "until the deposit the tenth held");
    earn(&world).await;
    let earned = world.claim_delegated(&who, node).await;
    let commission = world.claim_commission(node).await;
    // Nine tenths of the first epoch are in what was claimed, and a half of the second.
    assert!(commission > before * 5 && earned > commission, "{earned} {commission}");
}

#[tokio::test]
async fn a_stake_stays_while_somebody_delegates_and_can_begin_anew() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    let by = [&world.node];
    let (key, delegator) = (node.pubkey(), who.pubkey());
    world.accept_delegations(node, TENTH).await;
    world.delegate(&who, node, 100 * NOS).await;
    earn(&world).await;
    world.run(actions::unstake(key), &by).await;
    let early = actions::top_up_stake(key, world.mint, NOS);
    world.refuse(staking::Error::AlreadyUnstaked, early, &by).await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(key, world.mint), &by).await;
    let close = staking::instructions::Close { owner: key, stake: pda::staking::stake(&key) };
    world.refuse(staking::Error::DelegationsLeft, close.clone(), &by).await;
    // Ending it would stop what the delegator earns for a year: that is not the owner's to decide.
    world.refuse(staking::Error::NotDelegator, actions::undelegate(key, delegator, key), &by).await;
    let small = actions::top_up_stake(key, world.mint, NOS - 1);
    world.refuse(staking::Error::AmountTooSmall, small, &by).await;
    world.run(actions::top_up_stake(key, world.mint, STAKE), &by).await;
    let stake = world.stake_of(node).await;
    assert_eq!(
        (stake.amount, stake.xnos, stake.withdrawn, stake.unstaked_at),
        (STAKE, 4 * STAKE, 0, 0)
    );
    assert_eq!((stake.delegated, stake.delegated_xnos), (100 * NOS, 400 * NOS));

    world.run(actions::unstake(key), &by).await;
    world.undelegate(&who, node).await;

    world.advance_clock(DURATION);
    world.run(actions::withdraw(key, world.mint), &by).await;
    assert_eq!(world.withdraw_delegated(&who, node).await, 100 * NOS);
    let end = actions::close_delegation(key, delegator, key);
    world.refuse(staking::Error::DelegationNotEmpty, end.clone(), &by).await;
    assert!(world.claim_delegated(&who, node).await > 0);
    world.run(end, &by).await;
    world.refuse(staking::Error::DelegationsLeft, close.clone(), &by).await;
    assert!(world.claim_commission(node).await > 0);
    world.run(close, &by).await;

    // A new stake at the old address starts from nothing, and its delegations have their position.
    world.stake(node).await;
    world.run(actions::set_delegation(key, true, 0), &by).await;
    world.delegate(&who, node, NOS).await;
    earn(&world).await;
    assert!(world.claim_delegated(&who, node).await > 0);
}

#[tokio::test]
async fn the_cooldown_is_the_one_that_was_agreed() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let later = world.wallet().await;
    let node = world.wallet().await;
    let key = node.pubkey();
    world.run(actions::open_stake(key, world.mint, STAKE, 20 * DAY), &[&node]).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(&who, &node, NOS).await;
    world.run(actions::extend_stake(key, DURATION), &[&node]).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(&later, &node, NOS).await;
    assert_eq!(world.delegation_of(&later, &node).await.duration_seconds, 20 * DAY);
    for delegator in [&who, &later] {
        world.undelegate(delegator, &node).await;
    }

    world.advance_clock(20 * DAY);
    for delegator in [&who, &later] {
        assert_eq!(world.withdraw_delegated(delegator, &node).await, NOS);
    }
    world.accept_delegations(&node, 0).await;
    assert_eq!(
        world.stake_of(&node).await.delegated_duration_seconds,
        DURATION,
        "the commission binds no delegator any more"
    );
}

#[tokio::test]
async fn anyone_pays_a_delegator_but_only_the_delegator() {
    let world = World::new(terms()).await;
    let who = world.wallet().await;
    let node = &world.node;
    world.accept_delegations(node, TENTH).await;
    world.delegate(&who, node, 100 * NOS).await;
    earn(&world).await;
    let thief = world.token_account(&world.stranger.pubkey());
    let claim = actions::claim_delegated(who.pubkey(), node.pubkey(), world.mint);
    let stolen = staking::instructions::ClaimDelegated { destination: thief, ..claim };
    world.refuse(staking::Error::NotDelegatorsAccount, stolen, &[]).await;
    world.undelegate(&who, node).await;

    world.advance_clock(DURATION);
    let stranger = world.stranger.pubkey();
    let withdraw = actions::withdraw_delegated(stranger, who.pubkey(), node.pubkey(), world.mint);
    let stolen =
        staking::instructions::WithdrawDelegated { destination: thief, ..withdraw.clone() };
    world.refuse(staking::Error::NotDelegatorsAccount, stolen, &[&world.stranger]).await;
    let before = world.tokens(&who).await;
    world.run(withdraw, &[&world.stranger]).await;
    assert_eq!(world.tokens(&who).await - before, 100 * NOS);
    assert!(world.claim_delegated(&who, node).await > 0);
    let again = actions::claim_delegated(who.pubkey(), node.pubkey(), world.mint);
    world.refuse(staking::Error::NothingToClaim, again, &[]).await;
}

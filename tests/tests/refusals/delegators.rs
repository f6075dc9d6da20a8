//! Delegations, and the policy of the staking program. The suite `delegation` tells the rest of
//! their story.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, NOS, PURSE, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn offer() -> World {
    let world = World::new(terms()).await;
    let (owner, stranger, by) = (world.staker.pubkey(), world.stranger.pubkey(), [&world.staker]);
    let offer = |bps| actions::set_delegation(owner, true, bps);
    world.refuse(staking::Error::NoPosition, offer(0), &by).await;
    let enter = actions::enter_delegated(stranger, owner);
    let guardian = world.deployer.pubkey();
    let pause = |paused| rewards::instructions::SetPaused { guardian, paused };
    world.run(pause(true), &[&world.deployer]).await;
    world.refuse(rewards::Error::Paused, enter.clone(), &[&world.stranger]).await;
    world.run(pause(false), &[&world.deployer]).await;
    world.run(enter.clone(), &[&world.stranger]).await;
    let others = pda::rewards::position(&owner);
    world
        .refuse_all([
            case("a second position", Refusal::already_there(), enter.clone(), &[&world.stranger]),
            case("more than all", staking::Error::CommissionOutOfRange, offer(10_001), &by),
            case(
                "another's",
                staking::Error::NotOwner,
                swap(offer(0), owner, stranger),
                &[&world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(offer(0), owner), &[]),
            case(
                "its own position",
                Refusal::wrong_seeds(),
                swap(offer(0), enter.position, others),
                &by,
            ),
        ])
        .await;
    world.run(actions::unstake(owner), &by).await;
    world.refuse(staking::Error::AlreadyUnstaked, offer(0), &by).await;
    world
}

pub async fn delegate() -> World {
    let world = World::new(terms()).await;
    let (owner, key, by) = (world.staker.pubkey(), world.client.pubkey(), [&world.client]);
    let delegate = |amount| actions::delegate(key, owner, world.mint, amount, 500);
    world.refuse(staking::Error::NotAccepting, actions::open_delegation(key, owner), &by).await;
    world.offer(&world.staker, 500).await;
    world.run(actions::open_delegation(key, owner), &by).await;
    let empty = actions::undelegate(owner, key, owner);
    world.refuse(staking::Error::NotDelegator, empty, &[&world.staker]).await;
    world.run(actions::set_delegation(owner, false, 500), &[&world.staker]).await;
    world.refuse(staking::Error::NotAccepting, delegate(NOS), &by).await;
    world.offer(&world.staker, 500).await;
    let valid = delegate(NOS);
    let guardian = world.deployer.pubkey();
    let pause = |paused| staking::instructions::SetPaused { guardian, paused };
    world.run(pause(true), &[&world.deployer]).await;
    world.refuse(staking::Error::Paused, valid.clone(), &by).await;
    world.run(pause(false), &[&world.deployer]).await;
    let (other_stake, others) =
        (pda::staking::stake(&world.node.pubkey()), pda::rewards::position(&owner));
    let wrong = staking::Error::WrongAccount;
    world
        .refuse_all([
            case("too little", staking::Error::AmountTooSmall, delegate(NOS - 1), &by),
            case("more than there is", Refusal::too_few_tokens(), delegate(PURSE + 1), &by),
            case(
                "too dear",
                staking::Error::CommissionTooHigh,
                actions::delegate(key, owner, world.mint, NOS, 499),
                &by,
            ),
            case(
                "too long",
                staking::Error::CooldownTooLong,
                staking::instructions::Delegate {
                    max_duration_seconds: DURATION - 1,
                    ..valid.clone()
                },
                &by,
            ),
            case("unsigned", Refusal::unsigned(), unsigned(valid.clone(), key), &[]),
            case(
                "for another",
                staking::Error::NotDelegator,
                swap(valid.clone(), key, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("behind another", wrong, swap(valid.clone(), valid.stake, other_stake), &by),
            case(
                "another vault",
                wrong,
                swap(valid.clone(), valid.vault, world.token_account(&owner)),
                &by,
            ),
            case(
                "another position",
                wrong,
                swap(valid.clone(), valid.delegated_position, others),
                &by,
            ),
            case(
                "another pool's vault",
                rewards::Error::WrongAccount,
                swap(valid.clone(), valid.pool_vault, world.token_account(&owner)),
                &by,
            ),
            case(
                "opened twice",
                Refusal::already_there(),
                actions::open_delegation(key, owner),
                &by,
            ),
        ])
        .await;
    world.run(valid.clone(), &by).await;
    world.undelegate(&world.client, &world.staker).await;
    world.refuse(staking::Error::AlreadyUndelegated, valid, &by).await;
    world.run(actions::set_delegation(owner, false, 500), &[&world.staker]).await;
    world
}

pub async fn leave_a_node() -> World {
    let world = World::new(terms()).await;
    let (owner, key, stranger) =
        (world.staker.pubkey(), world.client.pubkey(), world.stranger.pubkey());
    let (by, thief) = ([&world.client], [&world.stranger]);
    world.offer(&world.staker, 500).await;
    world.delegate(&world.client, &world.staker, 100 * NOS).await;
    let undelegate = actions::undelegate(key, key, owner);
    let close = actions::close_delegation(key, key, owner);
    let commission = actions::claim_commission(owner, world.mint);
    let withdraw = actions::withdraw_delegated(key, owner, world.mint);
    let claim = actions::claim_delegated(key, owner, world.mint);
    let foreign = world.token_account(&stranger);
    let not_his = staking::Error::NotDelegatorsAccount;
    world
        .refuse_all([
            case(
                "another's",
                staking::Error::NotDelegator,
                actions::undelegate(stranger, key, owner),
                &thief,
            ),
            case("unsigned", Refusal::unsigned(), unsigned(undelegate.clone(), key), &[]),
            case("not empty", staking::Error::DelegationNotEmpty, close.clone(), &by),
            case(
                "closed by another",
                staking::Error::NotDelegator,
                actions::close_delegation(stranger, key, owner),
                &thief,
            ),
            case(
                "the rent to another",
                staking::Error::WrongAccount,
                staking::instructions::CloseDelegation { delegator: stranger, ..close.clone() },
                &by,
            ),
            case("not in the cooldown", staking::Error::NotUndelegated, withdraw.clone(), &[]),
            case(
                "paid to another",
                not_his,
                swap(withdraw.clone(), withdraw.destination, foreign),
                &[],
            ),
            case(
                "earned by another",
                not_his,
                swap(claim.clone(), claim.destination, foreign),
                &[],
            ),
            case("nothing earned", staking::Error::NothingToClaim, claim.clone(), &[]),
            case(
                "no commission",
                staking::Error::NothingToClaim,
                commission.clone(),
                &[&world.staker],
            ),
            case(
                "another's commission",
                staking::Error::NotOwner,
                swap(commission, owner, stranger),
                &thief,
            ),
        ])
        .await;
    world.run(undelegate.clone(), &by).await;
    world
        .refuse_all([
            case("twice", staking::Error::AlreadyUndelegated, undelegate, &by),
            case("nothing released", staking::Error::NothingToWithdraw, withdraw, &[]),
        ])
        .await;
    world.run(actions::unstake(owner), &[&world.staker]).await;
    world.pass(DURATION + EPOCH);
    world.run(actions::withdraw(owner, world.mint), &[&world.staker]).await;
    let gone = staking::instructions::Close { owner, stake: pda::staking::stake(&owner) };
    world.refuse(staking::Error::DelegationsLeft, gone, &[&world.staker]).await;

    let harvest = actions::harvest(world.node.pubkey(), world.mint);
    let other_stake = pda::staking::stake(&owner);
    world
        .refuse_all([
            case(
                "another's harvest",
                rewards::Error::NotOwner,
                swap(harvest.clone(), harvest.owner, stranger),
                &thief,
            ),
            case(
                "another stake",
                rewards::Error::WrongStake,
                swap(harvest.clone(), harvest.stake, other_stake),
                &[&world.node],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(harvest.clone(), harvest.owner), &[]),
        ])
        .await;
    world
}

/// Shares without worth, and a policy out of its bounds or its time.
pub async fn set_policy() -> World {
    let world = World::new(terms()).await;
    let admin = world.deployer.pubkey();
    let propose =
        |min_stake| staking::instructions::ProposePolicy { admin, min_stake, reporter_bps: 0 };
    world.refuse(staking::Error::PolicyOutOfRange, propose(0), &[&world.deployer]).await;
    world
        .refuse(staking::Error::NothingAnnounced, staking::instructions::ApplyPolicy {}, &[])
        .await;

    let terms = nosana_client::jobs::types::MarketTerms {
        min_xnos: 1,
        collateral_per_job: 2 * NOS,
        no_start_penalty: 2 * NOS,
        ..terms()
    };
    let market = world.open_market(2, terms).await;
    let (node, who) = (world.wallet().await, &world.client);
    world.run(actions::stake(node.pubkey(), world.mint, 2 * NOS, DURATION), &[&node]).await;
    world.register(&node).await;
    world.offer(&node, 0).await;
    world.delegate(who, &node, NOS).await;
    let order = nosana_tests::terms::batch(1);
    let list = actions::list(who.pubkey(), who.pubkey(), market, world.mint, order);
    let job = list.job;
    world.run(list, &[who]).await;
    world.run(actions::work(node.pubkey(), market, 1), &[&node]).await;
    world.pass(u64::from(terms.start_seconds) + 1);
    world.expire_match(&job, &node).await;
    let late = actions::delegate(who.pubkey(), node.pubkey(), world.mint, NOS, 0);
    world.refuse(staking::Error::WorthlessShares, late, &[who]).await;
    world
}

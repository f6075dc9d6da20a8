//! `delegate`: a delegator adds to a stake.

use nosana_client::{
    actions,
    jobs::types::MarketTerms,
    pda,
    staking::{
        self,
        instructions::{Delegate, SetPaused},
    },
};
use nosana_tests::{
    Refusal,
    terms::{DURATION, INITIAL_BALANCE, NOS, batch, terms, up_to},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let owner = world.staker.pubkey();
    let key = world.client.pubkey();
    let by = [&world.client];
    let delegate = |amount| actions::delegate(key, owner, world.mint, amount, up_to(500));
    world.accept_delegations(&world.staker, 500).await;
    world.run(actions::open_delegation(key, owner), &by).await;
    world.run(actions::set_delegation(owner, false, 500), &[&world.staker]).await;
    world.refuse(staking::Error::NotAccepting, delegate(NOS), &by).await;
    world.accept_delegations(&world.staker, 500).await;

    let valid = delegate(NOS);
    let guardian = world.deployer.pubkey();
    let pause = |paused| SetPaused { guardian, paused };
    world.run(pause(true), &[&world.deployer]).await;
    world.refuse(staking::Error::Paused, valid.clone(), &by).await;
    world.run(pause(false), &[&world.deployer]).await;

    let other_stake = pda::staking::stake(&world.node.pubkey());
    let others = pda::rewards::position(&owner);
    let wrong = staking::Error::WrongAccount;
    world
        .refuse_all([
            case("too little", staking::Error::AmountTooSmall, delegate(NOS - 1), &by),
            case(
                "more than there is",
                Refusal::too_few_tokens(),
                delegate(INITIAL_BALANCE + 1),
                &by,
            ),
            case(
                "too dear",
                staking::Error::CommissionTooHigh,
                actions::delegate(key, owner, world.mint, NOS, up_to(499)),
                &by,
            ),
            case(
                "too long",
                staking::Error::CooldownTooLong,
                Delegate { max_duration_seconds: DURATION - 1, ..valid.clone() },
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
                wrong,
                swap(valid.clone(), pda::rewards::vault(), world.token_account(&owner)),
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

/// A slash has taken all that the shares were worth.
pub async fn refused_for_worthless_shares() -> World {
    let world = World::new(terms()).await;
    let terms = MarketTerms {
        min_xnos: 1,
        collateral_per_job: 2 * NOS,
        no_start_penalty: 2 * NOS,
        ..terms()
    };
    let market = world.open_market(2, terms).await;
    let node = world.wallet().await;
    let who = &world.client;
    world.run(actions::open_stake(node.pubkey(), world.mint, 2 * NOS, DURATION), &[&node]).await;
    world.register(&node).await;
    world.accept_delegations(&node, 0).await;
    world.delegate(who, &node, NOS).await;

    let list = actions::list(who.pubkey(), who.pubkey(), market, world.mint, batch(1));
    let job = list.job;
    world.run(list, &[who]).await;
    world.run(actions::work(node.pubkey(), market, 1), &[&node]).await;

    world.advance_clock(u64::from(terms.start_seconds) + 1);
    world.expire_match(&job, &node).await;

    let late = actions::delegate(who.pubkey(), node.pubkey(), world.mint, NOS, up_to(0));
    world.refuse(staking::Error::WorthlessShares, late, &[who]).await;
    world
}

//! Delegations.

use nosana_client::{actions, pda, staking};
use nosana_protocol::seeds;
use nosana_tests::terms::{ANY_TERMS, DURATION, EPOCH, NOS};
use solana_address::Address;
use solana_signer::Signer;

use crate::meter::{Meter, ceiling, has_backed_bumps, has_first_bump};

/// From an offer to the end of a delegation, and a slash that takes from one.
pub async fn measure_delegations(meter: &mut Meter) {
    let mint = meter.world.mint;
    let owner = meter.world.wallet_where(has_backed_bumps).await;
    let key = owner.pubkey();
    let stake = pda::staking::stake(&key);
    let fits = |wallet: &Address| {
        has_first_bump(&staking::ID, &[seeds::DELEGATION, stake.as_ref(), wallet.as_ref()])
    };
    let who = meter.world.wallet_where(fits).await;
    let delegator = who.pubkey();
    meter.world.stake(&owner).await;
    meter.world.register(&owner).await;
    let earn = actions::fund(meter.world.client.pubkey(), mint, 300 * NOS);
    let delegate = actions::delegate(delegator, key, mint, NOS, ANY_TERMS);
    meter
        .run(
            ceiling("rewards.enter_delegated", 4_000),
            actions::enter_delegated(key, key),
            &[&owner],
        )
        .await;
    meter
        .run(
            ceiling("staking.set_delegation", 1_500),
            actions::set_delegation(key, true, 1_000),
            &[&owner],
        )
        .await;
    meter
        .run(
            ceiling("staking.open_delegation", 3_000),
            actions::open_delegation(delegator, key),
            &[&who],
        )
        .await;
    meter.run(ceiling("staking.delegate", 7_500), delegate, &[&who]).await;
    meter.world.run(earn, &[&meter.world.client]).await;

    meter.world.advance_clock(2 * EPOCH);
    meter
        .run(
            ceiling("staking.claim_delegated", 8_000),
            actions::claim_delegated(delegator, key, mint),
            &[],
        )
        .await;
    meter
        .run(
            ceiling("staking.claim_commission", 3_000),
            actions::claim_commission(key, mint),
            &[&owner],
        )
        .await;

    let job = meter.list(None).await;
    meter.world.work(&owner).await;

    meter.world.advance_clock(121);
    let reporter = meter.world.token_account(&meter.world.stranger.pubkey());
    let stored = meter.world.job(&job).await;
    let expire = actions::expire_match(job, &stored, key, mint, reporter);
    meter.run(ceiling("jobs.expire_match", 14_000).when("with delegations"), expire, &[]).await;
    meter.world.cancel(&job).await;

    let done = meter.world.undelegate(&who, &owner).await;
    meter.record(ceiling("staking.undelegate", 6_500), &done);

    meter.world.advance_clock(DURATION);
    meter
        .run(
            ceiling("staking.withdraw_delegated", 4_500),
            actions::withdraw_delegated(delegator, delegator, key, mint),
            &[&who],
        )
        .await;
    let close = actions::close_delegation(delegator, delegator, key);
    meter.run(ceiling("staking.close_delegation", 1_500), close, &[&who]).await;

    let other = meter.world.wallet_where(fits).await;
    meter.world.delegate(&other, &owner, NOS).await;
    meter
        .run(
            ceiling("staking.undelegate_unsettled", 2_500),
            actions::undelegate_unsettled(other.pubkey(), key),
            &[&other],
        )
        .await;
    meter.world.run(actions::sync_delegated(owner.pubkey()), &[]).await;
}

//! Pays the fees to the stakers: sweeps them to the pool, lets an epoch pass, and claims.

use anyhow::{Context, Result};
use nosana_client::{
    Event, Receipt, actions, earnings,
    jobs::events::Event as JobsEvent,
    pda,
    rewards::{
        accounts::{Pool, Position},
        events::Event as RewardsEvent,
    },
    staking::accounts::Stake,
};
use nosana_localnet::World;
use nosana_protocol::units::UnixTimestamp;
use solana_signer::Signer;

use super::{driver::History, expected::expected_earnings};
use crate::{
    checks::Checks,
    report::{Rewards, transaction::Transaction},
};

/// Base units that may remain in the pool: settling the staker's position rounds down once.
const MAX_DUST: u64 = 1;

/// Sweeps the fees, advances the clock past the epoch over which they are paid out, and claims them
/// for the only staker.
pub async fn pay_stakers(
    world: &World,
    history: &History,
    checks: &mut Checks,
) -> Result<(Rewards, Vec<Transaction>)> {
    let (_, fees) = expected_earnings(history);

    // Anyone may sweep; here the client does.
    let sweep = actions::sweep_fees(world.market);
    let sweep = world
        .session
        .send_transaction(&[sweep.into(), actions::count_income().into()], &world.client, &[])
        .await
        .context("cannot sweep the fees")?;
    let swept = find_swept_amount(&sweep).context("the fees were swept without an event")?;
    checks.record_equal("All fees go to the reward pool, and no more", swept, fees);
    let accrued = world.session.fetch_queue(&world.market).await?.header.fees_accrued;
    checks.record_equal("The market has no accrued fees after the sweep", accrued, 0);

    // Fees wait for the next epoch and are paid out over it, so they are after two epochs.
    let (pool, position) = fetch_pool_and_position(world).await?;
    let traveled_seconds = pool.epoch_seconds.saturating_mul(2);
    world.network.advance_seconds(traveled_seconds).await.context("cannot advance the clock")?;

    let owner = world.staker.pubkey();
    let stake = world.session.fetch_account::<Stake>(&pda::staking::stake(&owner)).await?;
    let claim = actions::claim(owner, world.mint);
    let claim = world
        .session
        .send_transaction(&[claim.into()], &world.staker, &[])
        .await
        .context("the staker cannot claim")?;
    let claimed = find_claimed_amount(&claim).context("the staker claimed without an event")?;

    let (updated_pool, _) = fetch_pool_and_position(world).await?;
    let now = UnixTimestamp(updated_pool.updated);
    let predicted = earnings::compute_claimable(&pool, &position, Some(&stake), now)
        .ok()
        .context("cannot compute the staker's earnings")?;
    checks.record_equal("The staker receives what the rules predict", claimed, predicted);
    checks.record_claim(
        "The only staker receives all fees but dust, and no more",
        claimed <= fees && claimed.saturating_add(MAX_DUST) >= fees,
        format!("{claimed} of {fees} base units"),
    );

    let rewards = Rewards { swept, traveled_seconds, predicted, claimed };
    Ok((rewards, vec![Transaction::new("sweep_fees", &sweep), Transaction::new("claim", &claim)]))
}

async fn fetch_pool_and_position(world: &World) -> Result<(Pool, Position)> {
    let owner = world.staker.pubkey();
    let pool = world.session.fetch_account::<Pool>(&pda::rewards::pool()).await?;
    let position = world.session.fetch_account::<Position>(&pda::rewards::position(&owner)).await?;

    Ok((pool, position))
}

fn find_swept_amount(receipt: &Receipt) -> Option<u64> {
    receipt.events.iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::FeesSwept(swept)) => Some(swept.amount),
        _ => None,
    })
}

fn find_claimed_amount(receipt: &Receipt) -> Option<u64> {
    receipt.events.iter().find_map(|event| match event {
        Event::Rewards(RewardsEvent::Claimed(claimed)) => Some(claimed.amount),
        _ => None,
    })
}

//! The fees' way to the stakers: swept to the pool, paid out over an epoch, claimed.

use anyhow::{Context, Result};
use nosana_client::{
    Event, Receipt, actions, earnings,
    jobs::events::Event as JobsEvent,
    pda,
    rewards::{
        accounts::{Pool, Position},
        events::Event as RewardsEvent,
    },
};
use nosana_localnet::World;
use nosana_protocol::units::UnixTimestamp;
use solana_signer::Signer;

use super::{market::History, verify};
use crate::{
    checks::Checks,
    report::{Rewards, Transaction},
};

/// Base units that may stay behind: the staker's position is settled once, and each settlement
/// rounds down once.
const DUST: u64 = 1;

/// Sweeps the fees, lets the epoch pass over which they are paid out, and has the only staker
/// claim.
pub async fn run(
    world: &World,
    history: &History,
    checks: &mut Checks,
) -> Result<(Rewards, Vec<Transaction>)> {
    let (_, fees) = verify::sums(history);
    // Anyone may sweep; here the client does.
    let sweep = actions::sweep_fees(world.market);
    let swept = world
        .session
        .send(&[sweep.into()], &world.client, &[])
        .await
        .context("cannot sweep the fees")?;
    let amount = swept_amount(&swept).context("the fees were swept without an event")?;
    checks.equal("All fees go to the reward pool, and no more", amount, fees);
    let counted = world.session.queue(&world.market).await?.header.fees_accrued;
    checks.equal("The market counts no fees any more", counted, 0);

    // Fees wait for the next epoch and are paid out over it: two epochs from now it is over.
    let owner = world.staker.pubkey();
    let (pool, position) = read(world).await?;
    let traveled_seconds = pool.epoch_seconds.saturating_mul(2);
    world.network.advance_seconds(traveled_seconds).await.context("cannot move time forward")?;

    let claim = actions::claim(owner, world.mint);
    let claim = world
        .session
        .send(&[claim.into()], &world.staker, &[])
        .await
        .context("the staker cannot claim")?;
    let claimed = claimed_amount(&claim).context("the staker claimed without an event")?;
    let now = UnixTimestamp(read(world).await?.0.updated);
    let predicted = earnings::claimable(&pool, &position, now)
        .ok()
        .context("the rules cannot tell what the staker earned")?;
    checks.equal("The staker gets what the rules predict", claimed, predicted);
    let detail = format!("{claimed} of {fees} base units");
    let within = claimed <= fees && claimed.saturating_add(DUST) >= fees;
    checks.that("The only staker gets all fees but dust, and no more", within, detail);
    let rewards = Rewards { swept: amount, traveled_seconds, predicted, claimed };
    Ok((rewards, vec![Transaction::new("sweep_fees", &swept), Transaction::new("claim", &claim)]))
}

async fn read(world: &World) -> Result<(Pool, Position)> {
    let pool = world.session.account::<Pool>(&pda::rewards::pool()).await?;
    let position =
        world.session.account::<Position>(&pda::rewards::position(&world.staker.pubkey())).await?;
    Ok((pool, position))
}

fn swept_amount(receipt: &Receipt) -> Option<u64> {
    receipt.events.iter().find_map(|event| match event {
        Event::Jobs(JobsEvent::FeesSwept(swept)) => Some(swept.amount),
        _ => None,
    })
}

fn claimed_amount(receipt: &Receipt) -> Option<u64> {
    receipt.events.iter().find_map(|event| match event {
        Event::Rewards(RewardsEvent::Claimed(claimed)) => Some(claimed.amount),
        _ => None,
    })
}

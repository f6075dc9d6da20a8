//! Ends runs and matches whose clocks have run out, as any stranger may. Here the staker does.

use std::time::Duration;

use anyhow::Result;
use nosana_client::{
    actions,
    due::{Due, find_due, is_match_expired},
    jobs::accounts::Job,
    session::JobHolder,
};
use nosana_localnet::World;
use nosana_protocol::{job::State, units::UnixTimestamp};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;
use tokio::time::{Instant, sleep};

/// The pause between two reads of the market.
const CLOCK_INTERVAL: Duration = Duration::from_secs(2);

/// Cranks until the deadline.
pub async fn keep_cranking(world: &World, deadline: Instant) -> Result<()> {
    while Instant::now() + CLOCK_INTERVAL < deadline {
        sleep(CLOCK_INTERVAL).await;
        crank_due(world).await?;
    }
    Ok(())
}

/// Ends every run and every match whose clock has run out.
pub async fn crank_due(world: &World) -> Result<()> {
    let now = UnixTimestamp(world.session.fetch_clock().await?.unix_timestamp);

    for (address, job) in world.session.list_accounts::<Job>(&[]).await? {
        let Some(instruction) = find_crank(world, address, &job, now).await? else { continue };
        let sent = world.session.send_transaction(&[instruction], &world.staker, &[]).await;
        // If it fails, the node was faster, or the next round tries again.
        drop(sent);
    }
    Ok(())
}

/// Returns the instruction that is due for a job.
async fn find_crank(
    world: &World,
    address: Address,
    job: &Job,
    now: UnixTimestamp,
) -> Result<Option<Instruction>> {
    let staker = world.staker.pubkey();

    match State::from_byte(job.state) {
        Some(State::Running) => {
            let is_over = find_due(job, now) == Ok(Some(Due::ExpireRun));
            let expire = || actions::expire_run(staker, address, job, world.node.pubkey()).into();
            Ok(is_over.then(expire))
        }
        Some(State::Queued | State::Matched) => {
            let Some(holder) = world.session.holder_of(&address, job).await? else {
                return Ok(None);
            };
            let is_late = is_match_expired(job, held_since(&holder, &address, job), now);
            let reporter = world.token_account(&staker);
            let authority = holder.node.authority;
            let expire =
                || actions::expire_match(address, job, authority, world.mint, reporter).into();
            Ok((is_late == Ok(true)).then(expire))
        }
        // Results are paid at once in a market without a challenge window.
        Some(State::Submitted | State::Challenged | State::Settled) | None => Ok(None),
    }
}

/// When the node took the job from the queue, or was matched with it.
fn held_since(holder: &JobHolder, address: &Address, job: &Job) -> UnixTimestamp {
    let slot = holder.find_slot(address);
    UnixTimestamp(slot.map_or(job.matched_at, |slot| slot.since))
}

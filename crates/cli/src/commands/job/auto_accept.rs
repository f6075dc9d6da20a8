//! Accepting a result without being asked, once it is there and its hashes are right: so a node is
//! paid as soon as its client has what it paid for.

use std::time::Duration;

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Job};
use nosana_protocol::{job::State, units::UnixTimestamp};
use solana_address::Address;
use tokio::time::sleep;

use super::{answer::Answer, holder::holder_authority};
use crate::{commands::context::CliContext, shutdown, terminal::sanitize_text};

/// The pause between two attempts to read a result.
const RETRY_DELAY: Duration = Duration::from_secs(3);
/// Part of the challenge window, in seconds, that is left for the client to reject a result by
/// hand.
const RESERVED_SECONDS: u64 = 10;

/// Accepts the result of a submitted job if the caller is its client and the result can be read and
/// answers the definition. Tries again until shortly before the window is over, or until a signal.
/// Reports a result that cannot be read, and leaves it to the client.
pub async fn accept_if_sound(ctx: &CliContext, address: Address, job: &Job) -> Result<()> {
    if job.state != State::Submitted as u8 || job.client != ctx.address() {
        return Ok(());
    }

    let is_sound = tokio::select! {
        // The signal first, so that one during the first attempt is noticed. The wait for the job
        // notices it, too, and ends the command.
        biased;
        () = shutdown::wait_for_signal() => return Ok(()),
        is_sound = await_sound(ctx, address, job) => is_sound?,
    };
    if is_sound { accept(ctx, address, job).await } else { Ok(()) }
}

/// Waits until the result can be read. Returns whether that was before the end of the window.
async fn await_sound(ctx: &CliContext, address: Address, job: &Job) -> Result<bool> {
    loop {
        let Err(error) = Answer::load(&ctx.job_store(&address, job)?, address, job) else {
            return Ok(true);
        };

        if seconds_left(ctx, job).await? <= RESERVED_SECONDS {
            eprintln!(
                "the result cannot be read: {}; the node is paid when the challenge window ends, \
                 unless `nosana job reject {address}` rejects the result before",
                sanitize_text(&format!("{error:#}"))
            );
            return Ok(false);
        }
        sleep(RETRY_DELAY).await;
    }
}

/// Accepts the result of a submitted job of the caller, if it can be read now.
pub async fn accept_once(ctx: &CliContext, address: Address, job: &Job) -> Result<()> {
    Answer::load(&ctx.job_store(&address, job)?, address, job)?;
    accept(ctx, address, job).await
}

/// Accepts the result. Somebody else may have settled the job or disputed its result meanwhile.
async fn accept(ctx: &CliContext, address: Address, job: &Job) -> Result<()> {
    let node = holder_authority(ctx, &address, job).await?;
    let accept = actions::accept(ctx.address(), address, job, node);

    match ctx.send(accept).await {
        Ok(_) => Ok(()),
        Err(_) if ctx.fetch_job(&address).await?.state != State::Submitted as u8 => Ok(()),
        Err(error) => Err(error).context("cannot accept the result"),
    }
}

/// Returns the seconds that are left of the challenge window.
pub async fn seconds_left(ctx: &CliContext, job: &Job) -> Result<u64> {
    let now = ctx.chain_time().await?;
    let passed = now.seconds_since(UnixTimestamp(job.submitted_at)).0;
    Ok(u64::from(job.challenge_seconds).saturating_sub(passed))
}

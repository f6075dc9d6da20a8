//! Ending a job, whatever it does.

use anyhow::{Context, Result};
use nosana_client::actions;
use nosana_protocol::job::State;
use solana_address::Address;

use super::cancel::NO_CELL;
use crate::commands::context::CliContext;

/// Stops a job that a node has, else cancels it. A job that is over already is left alone.
pub async fn end_job(ctx: &CliContext, address: Address) -> Result<()> {
    let job = ctx.fetch_job(&address).await?;
    let holder = ctx.session.holder_of(&address, &job).await?;

    match State::from_byte(job.state) {
        Some(State::Running) | Some(State::Queued) if holder.is_some() => {
            let node = holder.map(|holder| holder.node.authority).unwrap_or_default();
            let stop = actions::stop(ctx.address(), address, &job, node);
            ctx.send(stop).await.with_context(|| format!("cannot stop {address}"))?;
            eprintln!("stopped {address}");
        }
        Some(State::Queued) => {
            let queue = ctx.session.fetch_queue(&job.market).await?;
            let cell = queue.find_cell(&address).context("the job has just left the queue")?;
            let cancel = actions::cancel(address, &job, cell);
            ctx.send(cancel).await.with_context(|| format!("cannot cancel {address}"))?;
            eprintln!("cancelled {address}");
        }
        // It ends if its node does not start it; otherwise it is stopped when it runs.
        Some(State::Matched) => {
            let cancel = actions::cancel(address, &job, NO_CELL);
            ctx.send(cancel).await.with_context(|| format!("cannot cancel {address}"))?;
        }
        Some(State::Running | State::Submitted | State::Challenged | State::Settled) | None => {}
    }
    Ok(())
}

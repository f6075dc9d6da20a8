//! Ending a job, whatever it does.

use anyhow::{Context, Result, bail};
use nosana_client::actions;
use nosana_protocol::job::State;
use solana_address::Address;

use super::cancel::NO_CELL;
use crate::commands::context::CliContext;

/// What became of a job that was to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It is stopped or cancelled.
    Ended,
    /// A node has been matched with it and may still start it: it ends if that node does not, and
    /// has to be stopped if it does.
    CancelRequested,
    /// It has a result, or is settled.
    AlreadyOver,
}

/// Stops a job that a node has, else cancels it. A job that is over already is left alone.
pub async fn end_job(ctx: &CliContext, address: Address) -> Result<JobEnd> {
    let job = ctx.fetch_job(&address).await?;
    let holder = ctx.session.holder_of(&address, &job).await?;

    match State::from_byte(job.state) {
        Some(State::Running | State::Queued) if holder.is_some() => {
            let node = holder.map(|holder| holder.node.authority).unwrap_or_default();
            let stop = actions::stop(ctx.address(), address, &job, node);
            ctx.send(stop).await.with_context(|| format!("cannot stop {address}"))?;
            eprintln!("stopped {address}");
            Ok(JobEnd::Ended)
        }
        Some(State::Queued) => {
            let queue = ctx.session.fetch_queue(&job.market).await?;
            let cell = queue.find_cell(&address).context("the job has just left the queue")?;
            let cancel = actions::cancel(address, &job, cell);
            ctx.send(cancel).await.with_context(|| format!("cannot cancel {address}"))?;
            eprintln!("cancelled {address}");
            Ok(JobEnd::Ended)
        }
        Some(State::Matched) => {
            if job.cancel_requested == 0 {
                let cancel = actions::cancel(address, &job, NO_CELL);
                ctx.send(cancel).await.with_context(|| format!("cannot cancel {address}"))?;
                eprintln!("{address} is matched with a node: it ends unless that node starts it");
            }
            Ok(JobEnd::CancelRequested)
        }
        Some(State::Running) => bail!("no node has {address}, which runs"),
        Some(State::Submitted | State::Challenged | State::Settled) | None => {
            Ok(JobEnd::AlreadyOver)
        }
    }
}

//! The node that holds a job.

use anyhow::{Result, bail};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::State;
use solana_address::Address;

use super::words::describe_state;
use crate::commands::context::CliContext;

/// Returns the authority of the node that holds the job. Fails if no node holds it.
pub async fn holder_authority(ctx: &CliContext, address: &Address, job: &Job) -> Result<Address> {
    if let Some(holder) = ctx.session.holder_of(address, job).await? {
        return Ok(holder.node.authority);
    }

    if job.state == State::Queued as u8 {
        bail!("no node has the job; `nosana job cancel` takes it out of the queue");
    }
    bail!("no node has the job: it is {}", describe_state(job))
}

use anchor_lang::prelude::*;
use nosana_program_common::now;
use nosana_protocol::{
    job::Action,
    units::{UnixTimestamp, WHOLE_BPS},
};

use crate::{
    errors::{self, JobsError},
    events::JobHeartbeat,
    state::{Job, Node},
};

/// # Specification
/// - Only the authority of the node that runs the job.
/// - Not after the node has been silent for longer than the job allows: a service's silence ends
///   its pay, so it must not be filled in later.
/// - `checkpoint` is a digest of the work so far; zero leaves the last one. `progress_bps` is how
///   far the node says it is; more than the whole is the whole.
#[derive(Accounts)]
pub struct Heartbeat {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(address = job.node @ JobsError::NotThisNode)]
    pub node: Account<Node>,
    #[account(mut)]
    pub job: Account<Job>,
}

pub fn handler(
    ctx: &mut Context<Heartbeat>,
    checkpoint: [u8; 32],
    progress_bps: u16,
) -> Result<()> {
    let now = now()?;
    let job = &mut ctx.accounts.job;
    job.advance(Action::Heartbeat)?;
    let lost = job
        .clocks()
        .heartbeat_lost(UnixTimestamp(job.heartbeat_at), UnixTimestamp(now))
        .map_err(errors::overflow)?;
    require!(!lost, JobsError::DeadlinePassed);
    job.heartbeat_at = now;
    if checkpoint != [0; 32] {
        job.checkpoint = checkpoint;
    }
    job.progress_bps = progress_bps.min(WHOLE_BPS);
    emit!(JobHeartbeat {
        job: *job.address(),
        checkpoint: job.checkpoint,
        at: now,
        progress_bps: job.progress_bps.into()
    });
    Ok(())
}

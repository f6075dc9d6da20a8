use anchor_lang::prelude::*;
use nosana_program_common::unix_now;
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
/// - Not once the time since the last heartbeat exceeds the heartbeat clock: a service is not paid
///   for time without heartbeats, so a late heartbeat must not fill the gap.
/// - `checkpoint` is a digest of the work so far; zero keeps the last one. `progress_bps` is the
///   progress that the node reports; more than 10,000 is stored as 10,000.
#[derive(Accounts)]
pub struct Heartbeat {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(address = job.node @ JobsError::NotThisNode)]
    pub node: Account<Node>,
    #[account(mut)]
    pub job: Account<Job>,
}

pub fn process_heartbeat(
    ctx: &mut Context<Heartbeat>,
    checkpoint: [u8; 32],
    progress_bps: u16,
) -> Result<()> {
    let now = unix_now()?;
    let job = &mut ctx.accounts.job;
    job.apply_action(Action::Heartbeat)?;
    let is_lost = job
        .clocks()
        .heartbeat_lost(UnixTimestamp(job.heartbeat_at), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    require!(!is_lost, JobsError::DeadlinePassed);

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

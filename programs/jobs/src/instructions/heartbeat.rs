use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{
    ending,
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
/// - `attempt_id` is the job's current attempt.
/// - Also once the heartbeat clock has run out, until somebody ends the run: a halt of the cluster
///   must not end every run. A service is not paid for the time since its last heartbeat then.
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
    attempt_id: u64,
    checkpoint: [u8; 32],
    progress_bps: u16,
) -> Result<()> {
    let now = unix_now()?;
    let job = &mut ctx.accounts.job;
    job.apply_action(Action::Heartbeat)?;
    job.check_attempt(attempt_id)?;
    let silence = ending::silence_before(&job.run_times()?, &job.clocks(), UnixTimestamp(now))
        .map_err(errors::overflow_error)?;

    job.silent_seconds = job.silent_seconds.checked_add(silence.0).ok_or(JobsError::Overflow)?;
    job.heartbeat_at = now;
    if checkpoint != [0; 32] {
        job.checkpoint = checkpoint;
    }
    job.progress_bps = progress_bps.min(WHOLE_BPS);

    log_event(JobHeartbeat {
        job: *job.address(),
        checkpoint: job.checkpoint,
        at: now,
        progress_bps: job.progress_bps.into(),
    });
    Ok(())
}

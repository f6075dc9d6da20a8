use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, hash_parts, unix_now};
use nosana_protocol::{
    dispute::{commitment::trace_parts, sketch::Sketch},
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    events::TraceOpened,
    state::{Dispute, Job, Node},
};

/// # Specification
/// - Only the authority of the node of the result, once every panelist has committed, or the clock
///   for that is over: `sketch` and `salt` are those that it committed to with its result. So no
///   panelist can know the sketch before it commits to one.
/// - From now on panelists reveal.
#[derive(Accounts)]
pub struct OpenTrace {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(address = dispute.node @ JobsError::NotThisNode)]
    pub node: Account<Node>,
    #[account(mut)]
    pub dispute: Account<Dispute>,
    #[account(address = dispute.job @ JobsError::WrongAccount)]
    pub job: Account<Job>,
}

pub fn process_open_trace(
    ctx: &mut Context<OpenTrace>,
    sketch: [u8; 32],
    salt: [u8; 32],
) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let job = &accounts.job;
    let dispute = &mut accounts.dispute;
    let progress = dispute.progress_at(now)?;
    let progress = progress
        .open_trace(UnixTimestamp(now), dispute.phase_length())
        .map_err(errors::phase_error)?;
    let node = accounts.node.address();
    let opened = Sketch(sketch);
    let parts = trace_parts(&opened, &salt, node.as_array(), job.address().as_array());
    require!(hash_parts(&parts) == job.checkpoint, JobsError::CommitmentMismatch);

    dispute.trace = sketch;
    dispute.opened = 1;
    dispute.store_progress(&progress);

    log_event(TraceOpened { dispute: *dispute.address(), trace: sketch, ends_at: dispute.ends_at });
    Ok(())
}

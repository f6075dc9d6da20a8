use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, hash_parts, unix_now};
use nosana_protocol::dispute::{
    commitment::vote_parts,
    sketch::Sketch,
    votes::{SeatState, Verdict},
};

use super::BySeat;
use crate::{
    errors::{self, JobsError},
    events::VoteRevealed,
};

/// # Specification
/// - Only the authority of a node that has committed, once, after the trace was opened and until
///   the clock of voting is over: sketch, verdict and salt are those of its commitment, which names
///   this node and this dispute.
/// - With the last reveal the dispute is over.
pub fn process_reveal(
    ctx: &mut Context<BySeat>,
    sketch: [u8; 32],
    verdict: u8,
    salt: [u8; 32],
) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let verdict = Verdict::from_byte(verdict).filter(|verdict| *verdict != Verdict::None);
    let verdict = verdict.ok_or(JobsError::UnknownVerdict)?;
    let node = *accounts.node.address();
    let dispute = &mut accounts.dispute;
    let progress = dispute.progress_at(now)?.add_reveal().map_err(errors::phase_error)?;
    let address = *dispute.address();
    let seat = dispute.seat_of(&node, SeatState::Committed)?;
    let revealed = Sketch(sketch);
    let parts = vote_parts(&revealed, verdict, &salt, node.as_array(), address.as_array());
    require!(hash_parts(&parts) == seat.commitment, JobsError::CommitmentMismatch);

    seat.sketch = sketch;
    seat.verdict = verdict as u8;
    seat.state = SeatState::Revealed as u8;
    dispute.store_progress(&progress);

    log_event(VoteRevealed { dispute: address, node, sketch, verdict: verdict as u64 });
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, unix_now};
use nosana_protocol::{dispute::votes::SeatState, units::UnixTimestamp};

use crate::{
    errors::{self, JobsError},
    events::SketchCommitted,
    state::{Dispute, Node},
};

/// The accounts of instructions by which a panelist says something: `commit_sketch`, `reveal`.
#[derive(Accounts)]
pub struct BySeat {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    pub node: Account<Node>,
    #[account(mut)]
    pub dispute: Account<Dispute>,
}

/// # Specification
/// - Only the authority of a node that has a seat, once, after the phase in which seats are taken.
/// - `commitment` hides sketch and verdict ([`nosana_protocol::dispute::commitment`]): nobody waits
///   to see what others say. With the last one, the node has to open its trace.
pub fn process_commit_sketch(ctx: &mut Context<BySeat>, commitment: [u8; 32]) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let node = *accounts.node.address();
    let dispute = &mut accounts.dispute;
    let progress = dispute.progress_at(now)?;
    let seat = dispute.seat_of(&node, SeatState::Claimed)?;
    seat.commitment = commitment;
    seat.state = SeatState::Committed as u8;
    let progress = progress
        .add_commitment(UnixTimestamp(now), dispute.phase_length())
        .map_err(errors::phase_error)?;
    dispute.store_progress(&progress);

    log_event(SketchCommitted {
        dispute: *dispute.address(),
        node,
        committed: dispute.committed.into(),
        ends_at: dispute.ends_at,
    });
    Ok(())
}

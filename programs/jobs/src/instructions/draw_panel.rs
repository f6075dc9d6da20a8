use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids};
use nosana_protocol::{
    dispute::seed::{Draw, draw_seed},
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    events::{DrawDelayed, PanelDrawn},
    state::{Dispute, Panelists},
};

/// # Specification
/// - Anyone, once, while seats can be taken: stores the hash that draws the panel
///   ([`nosana_protocol::dispute::seed`]), and the weight of all enrolled nodes, which bounds who
///   can take a seat. From now on the threshold for seats rises, and the clock of the phase starts
///   anew.
/// - If the sysvar has forgotten the slots after the challenge, these slots are counted anew from
///   now; the clock of the phase goes on. Anyone who calls in time prevents that.
#[derive(Accounts)]
pub struct DrawPanel {
    #[account(mut)]
    pub dispute: Account<Dispute>,
    #[account(address = ids::PANELISTS)]
    pub panelists: Account<Panelists>,
    /// CHECK: the sysvar, whose address is fixed; its bytes are read with bounds.
    #[account(address = ids::SLOT_HASHES @ JobsError::WrongAccount)]
    pub slot_hashes: UncheckedAccount,
}

pub fn process_draw_panel(ctx: &mut Context<DrawPanel>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let dispute = &mut accounts.dispute;
    let progress = dispute.progress_at(now)?;
    let progress = progress
        .start_seating(UnixTimestamp(now), dispute.phase_length())
        .map_err(errors::phase_error)?;
    require!(dispute.drawn_at == 0, JobsError::WrongPhase);
    let draw = {
        let bytes = accounts.slot_hashes.account().try_borrow()?;
        draw_seed(&bytes, dispute.challenged_slot).map_err(errors::overflow_error)?
    };

    match draw {
        Draw::TooEarly => return Err(JobsError::TooEarly.into()),
        Draw::Forgotten => {
            dispute.challenged_slot = clock.slot;
            log_event(DrawDelayed { dispute: *dispute.address(), challenged_slot: clock.slot });
        }
        Draw::Seed(seed) => {
            dispute.seed = seed;
            dispute.panel_weight = accounts.panelists.weight;
            dispute.drawn_at = now;
            dispute.store_progress(&progress);
            log_event(PanelDrawn {
                dispute: *dispute.address(),
                seed,
                panel_weight: dispute.panel_weight,
                drawn_at: now,
                ends_at: dispute.ends_at,
            });
        }
    }
    Ok(())
}

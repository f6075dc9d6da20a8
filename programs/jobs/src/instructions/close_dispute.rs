use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, token, unix_now};
use nosana_protocol::{
    dispute::{payment::is_forfeitable, phase::Phase, votes::SeatState},
    units::UnixTimestamp,
};

use crate::{
    errors::{self, JobsError},
    events::DisputeClosed,
    settlement::send_from_vault,
    state::{Dispute, Market, Queue},
};

/// # Specification
/// - Anyone, once the dispute is resolved and every seat is closed.
/// - What could not be paid to the challenger is paid to its token account. If that still cannot
///   receive, it waits; 30 days after the end it becomes a fee of the market.
/// - The rent goes to the challenger.
#[derive(Accounts)]
pub struct CloseDispute {
    #[account(address = dispute.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut, close = challenger)]
    pub dispute: Account<Dispute>,
    /// CHECK: the challenger that the dispute names; it only receives the rent.
    #[account(mut, address = dispute.challenger @ JobsError::WrongAccount)]
    pub challenger: UncheckedAccount,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the challenger's token account; checked by `token::can_receive` before the transfer.
    #[account(mut, address = dispute.challenger_token @ JobsError::WrongAccount)]
    pub challenger_token: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_close_dispute(ctx: &mut Context<CloseDispute>) -> Result<()> {
    let now = UnixTimestamp(unix_now()?);
    let accounts = &mut ctx.accounts;
    let dispute = &mut accounts.dispute;
    let queue = &mut accounts.queue;
    require!(dispute.phase == Phase::Resolved as u8, JobsError::WrongPhase);
    let are_closed = dispute.seats.iter().all(|seat| {
        matches!(SeatState::from_byte(seat.state), Some(SeatState::Empty | SeatState::Closed))
    });
    require!(are_closed, JobsError::SeatsOpen);

    let credit = core::mem::take(&mut dispute.challenger_credit);
    let can_receive =
        token::can_receive(accounts.challenger_token.account(), accounts.vault.mint());
    let is_lost =
        is_forfeitable(UnixTimestamp(dispute.resolved_at), now).map_err(errors::overflow_error)?;
    require!(credit == 0 || can_receive || is_lost, JobsError::CannotReceive);
    let paid = if can_receive { credit } else { 0 };
    let forfeited = credit.checked_sub(paid).ok_or(JobsError::InvariantViolated)?;

    queue.credits_owed =
        queue.credits_owed.checked_sub(credit).ok_or(JobsError::InvariantViolated)?;
    queue.fees_accrued = queue.fees_accrued.checked_add(forfeited).ok_or(JobsError::Overflow)?;
    queue.open_disputes = queue.open_disputes.checked_sub(1).ok_or(JobsError::InvariantViolated)?;

    let event = DisputeClosed {
        dispute: *dispute.address(),
        challenger: dispute.challenger,
        paid,
        forfeited,
    };
    send_from_vault(&accounts.market, &mut accounts.vault, &mut accounts.challenger_token, paid);

    log_event(event);
    Ok(())
}

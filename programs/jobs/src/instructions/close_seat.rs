use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, token, unix_now};
use nosana_protocol::{
    dispute::{
        payment::{closing_reward, is_closable, is_forfeitable, is_slashable},
        phase::Phase,
        votes::{SeatState, Standing},
    },
    units::{Amount, UnixTimestamp},
};

use crate::{
    cpi_calls::{self, SlashAccounts},
    errors::{self, JobsError},
    events::SeatClosed,
    settlement::send_from_vault,
    state::{Dispute, Market, Node, Queue, Seat},
};

/// The reason byte of a slash because a panelist did not vote, or lost by its vote.
pub const FAILED_PANEL: u8 = 3;

/// # Specification
/// - Anyone, once the dispute is resolved, for the seat with this index.
/// - The panelist's fee is paid to its node's payout account. If that cannot receive, it waits; 30
///   days after the end it becomes a fee of the market.
/// - What the panelist loses is slashed, and its node keeps the rest of the collateral. Of the loss
///   of an absent one, a panel fee goes to `reporter_token`, which the caller chooses, if that can
///   receive it; the rest is burnt. While the seat of an overruled or unsupported panelist is open,
///   those that are paid wait for it, at most 7 days. 60 days after the end nothing is slashed any
///   more.
#[derive(Accounts)]
pub struct CloseSeat {
    #[account(address = dispute.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = market.queue @ JobsError::WrongAccount)]
    pub queue: Queue,
    #[account(mut)]
    pub dispute: Account<Dispute>,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the node's payout account; checked by `token::can_receive` before the transfer.
    #[account(unsafe(dup), address = node.payout @ JobsError::WrongAccount)]
    pub payout: UncheckedAccount,
    /// CHECK: the stake that the node names; the staking program checks its content.
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: UncheckedAccount,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program's configuration.
    #[account(address = ids::STAKING_CONFIG)]
    pub staking_config: UncheckedAccount,
    /// CHECK: the staking program checks it.
    #[account(mut)]
    pub stake_vault: UncheckedAccount,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the staking program compares it with its configuration.
    #[account(mut)]
    pub nos_mint: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub position: UncheckedAccount,
    /// CHECK: the staking program compares it with the stake.
    #[account(mut)]
    pub delegated_position: UncheckedAccount,
    /// CHECK: any account that the caller chooses, such as the payout account of its node. The
    /// staking program checks that it can receive before the transfer.
    #[account(unsafe(dup))]
    pub reporter_token: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_close_seat(ctx: &mut Context<CloseSeat>, seat: u8) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let dispute = &mut accounts.dispute;
    let node = &mut accounts.node;
    require!(dispute.phase == Phase::Resolved as u8, JobsError::WrongPhase);
    let address = *dispute.address();
    let resolved = UnixTimestamp(dispute.resolved_at);
    let collateral = dispute.collateral;
    let panel_fee = dispute.panel_fee;
    let open = dispute.seats.iter().filter(|other| is_open(other));
    let open = open.filter_map(|other| Standing::from_byte(other.standing));
    let standing = dispute.seats.get(usize::from(seat)).ok_or(JobsError::NotSeated)?.standing;
    let standing = Standing::from_byte(standing).ok_or(JobsError::InvariantViolated)?;
    let is_closable = is_closable(standing, open, resolved, UnixTimestamp(now))
        .map_err(errors::overflow_error)?;
    let seat = dispute.seats.get_mut(usize::from(seat)).ok_or(JobsError::NotSeated)?;
    require!(is_open(seat), JobsError::NotSeated);
    require!(seat.node == *node.address(), JobsError::NotThisNode);
    require!(is_closable, JobsError::SeatsOpen);

    let is_due = is_slashable(resolved, UnixTimestamp(now)).map_err(errors::overflow_error)?;
    let loss = if is_due { seat.loss } else { 0 };
    let rest = collateral.checked_sub(loss).ok_or(JobsError::InvariantViolated)?;
    let fee = core::mem::take(&mut seat.fee);
    seat.state = SeatState::Closed as u8;
    node.keep_collateral(rest)?;
    match standing {
        Standing::Paid => node.panels_right = node.panels_right.saturating_add(1),
        Standing::Overruled => node.panels_overruled = node.panels_overruled.saturating_add(1),
        Standing::Absent | Standing::Unsupported | Standing::Nobody | Standing::Uncounted => {}
    }
    let node = seat.node;
    let reward = closing_reward(standing, Amount(loss), Amount(panel_fee)).0;

    let paid = accounts.pay_fee(fee, resolved, UnixTimestamp(now))?;
    accounts.slash_loss(loss, reward);

    let forfeited = fee.checked_sub(paid).ok_or(JobsError::InvariantViolated)?;
    log_event(SeatClosed { dispute: address, node, fee: paid, forfeited, slashed: loss, reward });
    Ok(())
}

/// Returns whether a node has the seat, and it is not closed.
fn is_open(seat: &Seat) -> bool {
    !matches!(SeatState::from_byte(seat.state), None | Some(SeatState::Empty | SeatState::Closed))
}

impl CloseSeat {
    /// Pays the fee, or makes it a fee of the market once it has waited for long enough; returns
    /// what was paid.
    fn pay_fee(&mut self, fee: u64, resolved: UnixTimestamp, now: UnixTimestamp) -> Result<u64> {
        let queue = &mut self.queue;
        queue.credits_owed =
            queue.credits_owed.checked_sub(fee).ok_or(JobsError::InvariantViolated)?;
        if fee == 0 || token::can_receive(self.payout.account(), self.vault.mint()) {
            send_from_vault(&self.market, &mut self.vault, &mut self.payout, fee);
            return Ok(fee);
        }

        let is_lost = is_forfeitable(resolved, now).map_err(errors::overflow_error)?;
        require!(is_lost, JobsError::CannotReceive);
        queue.fees_accrued = queue.fees_accrued.checked_add(fee).ok_or(JobsError::Overflow)?;
        Ok(0)
    }

    /// Slashes `loss` base units of the panelist's stake, of which the caller gets `reward`.
    fn slash_loss(&mut self, loss: u64, reward: u64) {
        cpi_calls::slash_stake(
            self.jobs_authority.cpi_handle(),
            self.staking_config.cpi_handle(),
            self.stake.cpi_handle_mut(),
            SlashAccounts {
                stake_vault: self.stake_vault.cpi_handle_mut(),
                pool: self.pool.cpi_handle_mut(),
                nos_mint: self.nos_mint.cpi_handle_mut(),
                position: self.position.cpi_handle_mut(),
                delegated_position: self.delegated_position.cpi_handle_mut(),
                reporter_token: self.reporter_token.cpi_handle_mut(),
                rewards_program: self.rewards_program.cpi_handle(),
                token_program: self.token_program.cpi_handle(),
            },
            loss,
            FAILED_PANEL,
            Some(reward),
        );
    }
}

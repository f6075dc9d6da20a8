#![allow(
    unused_variables,
    reason = "the derive reads instruction arguments once more than it uses them"
)]

use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, token};
use nosana_protocol::{
    dispute::{phase::Progress, terms::bond_amount},
    job::Action,
    seeds,
    units::{Amount, Seconds, UnixTimestamp},
};

use crate::{
    constants::VERSION,
    errors::{self, JobsError},
    events::ResultChallenged,
    state::{Dispute, Job, Market, Node},
};

/// # Specification
/// - Anyone but the authority of the node, also while entry is paused: a submitted result of a
///   verified job whose challenge window is not over. `attempt_id` is the job's current attempt.
/// - The bond of four panel fees moves from `challenger_token` to the market's vault. The
///   challenger pays the rent of the dispute.
/// - The job is `Challenged`: nothing but the end of the dispute settles it.
#[derive(Accounts)]
#[instruction(attempt_id: u64)]
pub struct Challenge {
    /// Pays the rent; gets it back.
    #[account(mut)]
    pub challenger: Signer,
    #[account(address = job.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut)]
    pub job: Account<Job>,
    #[account(address = job.node @ JobsError::NotThisNode)]
    pub node: Account<Node>,
    #[account(
        init, payer = challenger, seeds = [seeds::DISPUTE, job, attempt_id.to_le_bytes()], bump
    )]
    pub dispute: Account<Dispute>,
    /// CHECK: its address is the market's vault; the token program checks it in the transfer.
    #[account(mut, address = market.vault @ JobsError::WrongAccount)]
    pub vault: UncheckedAccount,
    /// CHECK: the token program checks it in the transfer.
    #[account(mut)]
    pub challenger_token: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn process_challenge(ctx: &mut Context<Challenge>, attempt_id: u64) -> Result<()> {
    let clock = Clock::get()?;
    let now = UnixTimestamp(clock.unix_timestamp);
    let accounts = &mut ctx.accounts;
    let challenger = *accounts.challenger.address();
    let job = &mut accounts.job;
    job.apply_action(Action::Challenge)?;
    job.check_attempt(attempt_id)?;
    require!(job.panel_fee > 0, JobsError::NotVerified);
    require!(challenger != accounts.node.authority, JobsError::OwnResult);
    let is_over = job
        .clocks()
        .is_settleable(UnixTimestamp(job.submitted_at), now)
        .map_err(errors::overflow_error)?;
    require!(!is_over, JobsError::DeadlinePassed);
    let bond = bond_amount(Amount(job.panel_fee)).map_err(errors::overflow_error)?;
    let progress = Progress::begin_at(now, Seconds(job.dispute_seconds.into()))
        .map_err(errors::overflow_error)?;

    let dispute = &mut accounts.dispute;
    dispute.job = *job.address();
    dispute.market = job.market;
    dispute.node = job.node;
    dispute.challenger = challenger;
    dispute.challenger_token = *accounts.challenger_token.address();
    dispute.panel_fee = job.panel_fee;
    dispute.collateral = job.min_collateral;
    dispute.attempt_id = attempt_id;
    dispute.challenged_slot = clock.slot;
    dispute.challenged_at = now.0;
    dispute.phase_seconds = job.dispute_seconds;
    dispute.version = VERSION;
    dispute.bump = ctx.bumps.dispute;
    dispute.store_progress(&progress);

    let event = ResultChallenged {
        dispute: *dispute.address(),
        job: dispute.job,
        node: dispute.node,
        challenger,
        bond: bond.0,
        panel_fee: dispute.panel_fee,
        challenged_slot: clock.slot,
        ends_at: dispute.ends_at,
    };
    token::transfer(
        accounts.challenger_token.cpi_handle_mut(),
        accounts.vault.cpi_handle_mut(),
        accounts.challenger.cpi_handle(),
        bond.0,
        &[],
    );

    log_event(event);
    Ok(())
}

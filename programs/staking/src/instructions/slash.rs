use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::{event::log_event, ids, token};
use nosana_protocol::{
    slashing::{self, MAX_REPORTER_SHARE, ReporterPart},
    units::{Amount, BasisPoints},
};

use crate::{
    cpi_calls,
    errors::{StakingError, overflow_error},
    events::Slashed,
    state::{Config, Stake, StakeInvariant},
    vault,
};

/// # Specification
/// - Only the jobs program's authority, and only what is locked: requires `amount ≤ locked`.
/// - Lowers amount, lock and weight of the stake. Its delegations lose the same fraction, also in
///   their cooldowns, but together at most as much as the stake itself; see
///   [`slashing::split_slash`]. Settles both positions with their new weights.
/// - `reporter_amount` base units of what the stake loses, at most half, or the configuration's
///   share if it is `None`, go to `reporter_token`, if that can receive NOS. The token program
///   burns all the rest: no other code gets the signature for this program's vault, and nobody
///   gains by the rest, so a fault that stakers cause pays them nothing.
#[derive(Accounts)]
pub struct Slash {
    /// A PDA of the jobs program.
    #[account(address = ids::JOBS_AUTHORITY @ StakingError::NotJobsAuthority)]
    pub jobs_authority: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: the rewards program checks it.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the mint that the configuration names; its supply falls by what is burnt.
    #[account(mut, address = config.nos_mint @ StakingError::WrongAccount)]
    pub nos_mint: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.position @ StakingError::WrongAccount)]
    pub position: UncheckedAccount,
    /// CHECK: the address that the stake names, if it names one; the rewards program checks its
    /// content.
    #[account(
        mut,
        constraint = stake.delegated_position == Address::default()
            || *delegated_position.address() == stake.delegated_position
            @ StakingError::WrongAccount
    )]
    pub delegated_position: UncheckedAccount,
    /// CHECK: paid only if it can receive NOS, which the handler checks.
    #[account(mut)]
    pub reporter_token: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn process_slash(
    ctx: &mut Context<Slash>,
    amount: u64,
    reason: u8,
    reporter_amount: Option<u64>,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let stake = &mut accounts.stake;
    let weight_before = stake.xnos;
    let delegated_before = stake.delegated_xnos;
    let own = Amount(stake.in_vault().map_err(overflow_error)?);
    stake.locked = stake.locked.checked_sub(amount).ok_or(StakingError::LockTooSmall)?;

    let mut delegated = stake.to_delegated();
    let part = match reporter_amount {
        Some(exact) => {
            let most = Amount(amount).apply_rate(MAX_REPORTER_SHARE).map_err(overflow_error)?;
            require!(exact <= most.0, StakingError::ReporterPartTooLarge);
            ReporterPart::Exactly(Amount(exact))
        }
        None => ReporterPart::Share(BasisPoints(accounts.config.reporter_bps)),
    };
    let split = slashing::split_slash(Amount(amount), own, delegated.amount, part)
        .map_err(overflow_error)?;

    stake.amount = stake.amount.checked_sub(amount).ok_or(StakingError::Overflow)?;
    stake.slashed = stake.slashed.checked_add(amount).ok_or(StakingError::Overflow)?;
    stake.update_weight().map_err(overflow_error)?;
    delegated.apply_loss(split.delegated).map_err(overflow_error)?;
    stake.store_delegated_and_weight(&delegated).map_err(overflow_error)?;
    stake.invariant()?;

    accounts.sync_positions(weight_before, delegated_before);
    let (reporter, burned) = accounts.pay_slashed(split.reporter, split.burned)?;

    log_event(Slashed {
        owner: accounts.stake.owner,
        amount,
        remaining: accounts.stake.in_vault().map_err(overflow_error)?,
        reason: reason.into(),
        delegated: split.delegated.0,
        reporter: reporter.0,
        burned: burned.0,
    });
    Ok(())
}

impl Slash {
    /// Settles the position of the owner, and that of the delegations if the stake names one, with
    /// their new weights. The arguments are the previous ones.
    fn sync_positions(&mut self, weight_before: u64, delegated_before: u64) {
        let Self { pool, position, delegated_position, stake, .. } = self;
        cpi_calls::sync_position(pool, position, stake, weight_before);
        if stake.delegated_position != Address::default() {
            cpi_calls::sync_position(pool, delegated_position, stake, delegated_before);
        }
    }

    /// Pays `reporter` to the reporter and burns `burned`, or burns both if `reporter_token` cannot
    /// receive NOS. Returns what the reporter got and what was burnt.
    fn pay_slashed(&mut self, reporter: Amount, burned: Amount) -> Result<(Amount, Amount)> {
        let can_receive = token::can_receive(self.reporter_token.account(), &self.config.nos_mint);
        let (reporter, burned) = if can_receive {
            (reporter, burned)
        } else {
            (Amount::ZERO, burned.checked_add(reporter).map_err(overflow_error)?)
        };

        vault::pay_tokens(&self.config, &mut self.vault, &mut self.reporter_token, reporter.0);
        vault::burn_tokens(&self.config, &mut self.vault, &mut self.nos_mint, burned.0);
        Ok((reporter, burned))
    }
}

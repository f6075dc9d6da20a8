use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, stake::Stake};
use nosana_protocol::seeds;

use super::enter::open_position;
use crate::{
    errors::RewardsError,
    events::Entered,
    state::{Pool, Position},
};

/// # Specification
/// - Anyone, for any stake, whether or not it accepts delegations; one position per stake. Not
///   while entry is paused.
/// - The position has the weight of what is delegated to the stake, and earns from now on.
/// - The position belongs to the stake itself: only the staking program can sign for it, and never
///   closes it.
#[derive(Accounts)]
pub struct EnterDelegated {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    pub stake: Account<Stake>,
    #[account(init, payer = payer, seeds = [seeds::POSITION, stake], bump)]
    pub delegated_position: Account<Position>,
    pub system_program: Program<System>,
}

pub fn process_enter_delegated(ctx: &mut Context<EnterDelegated>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.check_open()?;
    let weight = accounts.stake.delegated_xnos;

    open_position(&mut accounts.pool, &mut accounts.delegated_position, weight)?;
    let position = &mut accounts.delegated_position;
    position.owner = *accounts.stake.address();
    position.stake = *accounts.stake.address();
    position.bump = ctx.bumps.delegated_position;

    log_event(Entered { owner: position.owner, weight });
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::{ids, now, stake::Stake};
use nosana_protocol::{rewards, seeds, units::UnixTimestamp};

use crate::{
    constants::VERSION,
    errors::RewardsError,
    events::Entered,
    state::{Pool, Position, overflow},
};

/// # Specification
/// - Only the owner of a stake that has weight; one position an owner. Not while entry is paused.
/// - The position earns from now on: its index starts at the pool's.
#[derive(Accounts)]
pub struct Enter {
    /// Owner of the stake; pays the rent.
    #[account(mut, address = stake.owner @ RewardsError::NotOwner)]
    pub owner: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    pub stake: Account<Stake>,
    #[account(init, payer = owner, seeds = [seeds::POSITION, owner], bump)]
    pub position: Account<Position>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<Enter>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.check_open()?;
    let weight = accounts.stake.xnos;
    require!(weight > 0, RewardsError::NoWeight);
    let mut pool = accounts.pool.rules();
    pool.advance(UnixTimestamp(now()?)).map_err(overflow)?;
    let mut rules = rewards::Position { paid_acc: pool.index.acc, ..Default::default() };
    pool.reweigh(&mut rules, weight).map_err(overflow)?;
    accounts.pool.store(&pool);

    let position = &mut accounts.position;
    position.store(&rules);
    position.owner = *accounts.owner.address();
    position.stake = *accounts.stake.address();
    position.version = VERSION;
    position.bump = ctx.bumps.position;
    emit!(Entered { owner: position.owner, weight });
    Ok(())
}

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
/// - Anyone, for a stake that was offered for delegation or will be; once a stake. Not while entry
///   is paused.
/// - The position is the stake's own: only the staking program can sign for it, and never closes
///   it.
#[derive(Accounts)]
pub struct EnterDelegated {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer,
    #[account(mut, address = ids::POOL @ RewardsError::WrongAccount)]
    pub pool: Account<Pool>,
    pub stake: Account<Stake>,
    #[account(init, payer = payer, seeds = [seeds::POSITION, stake], bump)]
    pub position: Account<Position>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<EnterDelegated>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.check_open()?;
    let mut pool = accounts.pool.rules();
    pool.advance(UnixTimestamp(now()?)).map_err(overflow)?;
    let mut rules = rewards::Position { paid_acc: pool.index.acc, ..Default::default() };
    pool.reweigh(&mut rules, accounts.stake.delegated_xnos).map_err(overflow)?;
    accounts.pool.store(&pool);

    let position = &mut accounts.position;
    position.store(&rules);
    position.owner = *accounts.stake.address();
    position.stake = *accounts.stake.address();
    position.version = VERSION;
    position.bump = ctx.bumps.position;
    emit!(Entered { owner: position.owner, weight: position.weight });
    Ok(())
}

use anchor_lang::prelude::*;
use nosana_program_common::{event::log_event, ids, stake::Stake, unix_now};
use nosana_protocol::{rewards, seeds};

use crate::{
    constants::LAYOUT_VERSION,
    errors::{RewardsError, overflow_error},
    events::Entered,
    state::{Pool, Position},
};

/// # Specification
/// - Only the owner of a stake that has weight; one position per owner. Not while entry is paused.
/// - The position has the stake's weight and earns from now on: its index starts at the pool's.
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

pub fn process_enter(ctx: &mut Context<Enter>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.pool.check_open()?;
    let weight = accounts.stake.xnos;
    require!(weight > 0, RewardsError::NoWeight);

    open_position(&mut accounts.pool, &mut accounts.position, weight)?;
    let position = &mut accounts.position;
    position.owner = *accounts.owner.address();
    position.stake = *accounts.stake.address();
    position.bump = ctx.bumps.position;

    log_event(Entered { owner: position.owner, weight });
    Ok(())
}

/// Gives a new position its `weight`. It earns from now on. The caller sets its addresses and its
/// bump.
pub fn open_position(pool: &mut Pool, position: &mut Position, weight: u64) -> Result<()> {
    let mut advanced = pool.to_protocol_at(unix_now()?)?;
    let mut opened = rewards::Position { paid_acc: advanced.index.acc, ..Default::default() };
    advanced.change_weight(&mut opened, weight).map_err(overflow_error)?;

    pool.store_protocol(&advanced);
    pool.invariant()?;
    position.version = LAYOUT_VERSION;
    position.store_protocol(&opened);
    position.invariant(pool)
}

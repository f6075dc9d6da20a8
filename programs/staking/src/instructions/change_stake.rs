use anchor_lang::prelude::*;
use nosana_program_common::ids;

use crate::{
    cpi_calls,
    errors::StakingError,
    state::{Config, Stake},
};

/// The accounts of `extend` and `restake`: the owner changes the weight of a stake, and no tokens
/// move.
#[derive(Accounts)]
pub struct ChangeStake {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    /// CHECK: the rewards program checks it; nothing reads it if there is no position.
    #[account(mut, address = ids::POOL)]
    pub pool: UncheckedAccount,
    /// CHECK: the address that the stake names; the rewards program checks its content.
    #[account(mut, address = stake.position @ StakingError::WrongAccount)]
    pub position: UncheckedAccount,
    /// CHECK: the rewards program.
    #[account(address = ids::REWARDS)]
    pub rewards_program: UncheckedAccount,
}

impl ChangeStake {
    /// Settles the owner's position and gives it the stake's new weight. `until_now` is the previous
    /// one.
    pub fn sync_position(&mut self, until_now: u64) {
        cpi_calls::sync_position(&mut self.pool, &mut self.position, &mut self.stake, until_now);
    }
}

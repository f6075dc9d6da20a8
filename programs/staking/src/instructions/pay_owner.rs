use anchor_lang::prelude::*;
use anchor_spl::token::TokenAccount;
use nosana_program_common::ids;

use crate::{
    errors::StakingError,
    state::{Config, Stake},
    vault,
};

/// The accounts of `withdraw` and `claim_commission`: the vault pays the owner of a stake.
#[derive(Accounts)]
pub struct PayOwner {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(address = ids::STAKING_CONFIG @ StakingError::WrongAccount)]
    pub config: Account<Config>,
    #[account(mut)]
    pub stake: Account<Stake>,
    #[account(mut, address = config.vault @ StakingError::WrongAccount)]
    pub vault: Account<TokenAccount>,
    /// CHECK: any token account that the owner chooses; the token program checks it.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl PayOwner {
    /// Transfers `amount` base units from the vault to the destination.
    pub fn pay_destination(&mut self, amount: u64) {
        vault::pay_tokens(&self.config, &mut self.vault, &mut self.destination, amount);
    }
}

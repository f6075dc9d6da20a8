use anchor_lang::prelude::*;
use anchor_spl::token::Mint;
use nosana_onchain::{deployer, ids};
use nosana_protocol::seeds;

use crate::{
    constants::{MAX_FEE_BPS, VERSION},
    errors::JobsError,
    state::Config,
};

/// # Specification
/// - Only the upgrade authority of the program may call it, and only once.
/// - The network fee is at most 2,500 basis points.
#[derive(Accounts)]
pub struct Initialize {
    /// Upgrade authority of the program; pays the rent; becomes admin and guardian.
    #[account(mut)]
    pub deployer: Signer,
    #[account(init, payer = deployer, seeds = [seeds::CONFIG], bump)]
    pub config: Account<Config>,
    /// CHECK: derived here, to store its bump; it never holds anything.
    #[account(seeds = [seeds::AUTHORITY], bump)]
    pub authority: UncheckedAccount,
    #[account(owner = ids::TOKEN)]
    pub mint: Account<Mint>,
    /// CHECK: this program, read for the address of its data.
    #[account(address = crate::ID)]
    pub program: UncheckedAccount,
    /// CHECK: compared with the address that `program` names, then read for the upgrade authority.
    pub program_data: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<Initialize>, network_fee_bps: u16) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let deployer = *accounts.deployer.address();
    require!(
        deployer::is_upgrade_authority(accounts.program.account(), accounts.program_data.account(), &deployer),
        JobsError::NotDeployer
    );
    require!(network_fee_bps <= MAX_FEE_BPS, JobsError::FeeTooHigh);
    let config = &mut accounts.config;
    config.admin = deployer;
    config.guardian = deployer;
    config.nos_mint = *accounts.mint.address();
    config.network_fee_bps = network_fee_bps;
    config.version = VERSION;
    config.bump = ctx.bumps.config;
    config.authority_bump = ctx.bumps.authority;
    Ok(())
}

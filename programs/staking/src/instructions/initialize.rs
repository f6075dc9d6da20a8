use anchor_lang::prelude::*;
use anchor_spl::token::{self, Mint, TokenAccount};
use nosana_program_common::{deployer, ids};
use nosana_protocol::{seeds, units::NOS_DECIMALS};

use crate::{
    constants::{INITIAL_REPORTER_BPS, LAYOUT_VERSION, LOWEST_MIN_STAKE},
    errors::StakingError,
    state::Config,
};

/// # Specification
/// - Only the upgrade authority of the program, and only once. It becomes admin and guardian.
/// - The mint has 6 decimals and no freeze authority: a frozen vault would hold everyone's stake.
/// - The minimum is 1 NOS, the reporter's share a tenth.
/// - The vault is a token account of the mint whose authority is the configuration.
#[derive(Accounts)]
pub struct Initialize {
    /// Upgrade authority of the program; pays the rent; becomes admin and guardian.
    #[account(mut)]
    pub deployer: Signer,
    #[account(init, payer = deployer, seeds = [seeds::CONFIG], bump)]
    pub config: Account<Config>,
    #[account(owner = ids::TOKEN)]
    pub mint: Account<Mint>,
    #[account(
        init,
        payer = deployer,
        seeds = [seeds::VAULT],
        bump,
        token::mint = mint,
        token::authority = config
    )]
    pub vault: Account<TokenAccount>,
    /// CHECK: this program, read for the address of its data.
    #[account(address = crate::ID)]
    pub program: UncheckedAccount,
    /// CHECK: compared with the address that `program` names, then read for the upgrade authority.
    pub program_data: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn process_initialize(ctx: &mut Context<Initialize>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let deployer = *accounts.deployer.address();
    require!(
        deployer::is_upgrade_authority(
            accounts.program.account(),
            accounts.program_data.account(),
            &deployer
        ),
        StakingError::NotDeployer
    );
    let mint = &accounts.mint;
    require!(
        mint.decimals() == NOS_DECIMALS && !mint.has_freeze_authority(),
        StakingError::UnsuitableMint
    );

    let config = &mut accounts.config;
    config.admin = deployer;
    config.guardian = deployer;
    config.nos_mint = *accounts.mint.address();
    config.vault = *accounts.vault.address();
    config.min_stake = LOWEST_MIN_STAKE;
    config.reporter_bps = INITIAL_REPORTER_BPS;
    config.version = LAYOUT_VERSION;
    config.bump = ctx.bumps.config;
    Ok(())
}

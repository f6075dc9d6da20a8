use anchor_lang::prelude::*;
use anchor_spl::token::Mint;
use nosana_program_common::{deployer, ids};
use nosana_protocol::{seeds, units::NOS_DECIMALS};

use super::propose_policy::validate_policy;
use crate::{
    constants::{MAX_TIMEOUT_SECONDS, VERSION},
    errors::JobsError,
    state::{Config, Panelists},
};

/// # Specification
/// - Only the upgrade authority of the program, and only once.
/// - Fee and deposit lie in their bounds. The mint has 6 decimals and no freeze authority: a frozen
///   vault would lock the tokens of all its users.
#[derive(Accounts)]
pub struct Initialize {
    /// Upgrade authority of the program; pays the rent; becomes admin and guardian.
    #[account(mut)]
    pub deployer: Signer,
    #[account(init, payer = deployer, seeds = [seeds::CONFIG], bump)]
    pub config: Account<Config>,
    #[account(init, payer = deployer, seeds = [seeds::PANELISTS], bump)]
    pub panelists: Account<Panelists>,
    #[account(owner = ids::TOKEN)]
    pub mint: Account<Mint>,
    /// CHECK: this program, read for the address of its data.
    #[account(address = crate::ID)]
    pub program: UncheckedAccount,
    /// CHECK: compared with the address that `program` names, then read for the upgrade authority.
    pub program_data: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn process_initialize(
    ctx: &mut Context<Initialize>,
    network_fee_bps: u16,
    market_deposit: u64,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let deployer = *accounts.deployer.address();
    require!(
        deployer::is_upgrade_authority(
            accounts.program.account(),
            accounts.program_data.account(),
            &deployer
        ),
        JobsError::NotDeployer
    );
    let mint = &accounts.mint;
    require!(
        mint.decimals() == NOS_DECIMALS && !mint.has_freeze_authority(),
        JobsError::UnsuitableMint
    );
    let policy = validate_policy(network_fee_bps, market_deposit, MAX_TIMEOUT_SECONDS)?;

    let config = &mut accounts.config;
    config.admin = deployer;
    config.guardian = deployer;
    config.nos_mint = *accounts.mint.address();
    config.adopt_policy(&policy);
    config.version = VERSION;
    config.bump = ctx.bumps.config;

    let panelists = &mut accounts.panelists;
    panelists.version = VERSION;
    panelists.bump = ctx.bumps.panelists;
    Ok(())
}

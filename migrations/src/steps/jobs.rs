//! Step 4: the jobs configuration.

use anyhow::{Context, Result, ensure};
use nosana_client::{jobs, pda};
use solana_address::Address;
use solana_signer::Signer;

use super::program_data;
use crate::{Outcome, Target};

/// Makes the configuration if it is not there; else checks its mint.
pub async fn apply(
    target: Target<'_>,
    mint: Address,
    network_fee_bps: u16,
    market_deposit: u64,
) -> Result<Outcome> {
    let address = pda::jobs::config();
    if let Some(config) = target.session.find_account::<jobs::accounts::Config>(&address).await? {
        ensure!(config.nos_mint == mint, "the marketplace was set up for mint {}", config.nos_mint);
        return Ok(Outcome::Unchanged);
    }
    let instruction = jobs::instructions::Initialize {
        deployer: target.deployer.pubkey(),
        config: address,
        mint,
        program_data: program_data(&jobs::ID),
        network_fee_bps,
        market_deposit,
    };
    target.send(&[instruction.into()], &[]).await.context("cannot set up the marketplace")?;
    Ok(Outcome::Applied)
}

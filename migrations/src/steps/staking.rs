//! Step 3: the staking configuration.

use anyhow::{Context, Result, ensure};
use nosana_client::{pda, staking};
use solana_address::Address;
use solana_signer::Signer;

use super::program_data;
use crate::{Outcome, Target};

/// Makes the configuration if it is not there; else checks its mint.
pub async fn apply(target: Target<'_>, mint: Address) -> Result<Outcome> {
    let address = pda::staking::config();
    if let Some(config) = target.session.find_account::<staking::accounts::Config>(&address).await?
    {
        ensure!(config.nos_mint == mint, "staking was set up for mint {}", config.nos_mint);
        return Ok(Outcome::Unchanged);
    }
    let instruction = staking::instructions::Initialize {
        deployer: target.deployer.pubkey(),
        config: address,
        mint,
        vault: pda::staking::vault(),
        program_data: program_data(&staking::ID),
    };
    target.send(&[instruction.into()], &[]).await.context("cannot set up staking")?;
    Ok(Outcome::Applied)
}

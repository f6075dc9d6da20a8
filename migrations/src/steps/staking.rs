//! Step 3: the staking configuration.

use anyhow::{Context, Result, ensure};
use nosana_client::{pda, staking};
use solana_address::Address;
use solana_signer::Signer;

use super::program_data::program_data_address;
use crate::{StepOutcome, Target};

/// Creates the configuration; if it exists, checks its mint.
pub async fn ensure_config(target: Target<'_>, mint: Address) -> Result<StepOutcome> {
    let address = pda::staking::config();
    if let Some(config) = target.session.find_account::<staking::accounts::Config>(&address).await?
    {
        ensure!(
            config.nos_mint == mint,
            "the staking program was set up for mint {}, the plan has {mint}",
            config.nos_mint
        );
        return Ok(StepOutcome::Unchanged);
    }

    let instruction = staking::instructions::Initialize {
        deployer: target.deployer.pubkey(),
        config: address,
        mint,
        vault: pda::staking::vault(),
        program_data: program_data_address(&staking::ID),
    };
    target
        .send_instructions(&[instruction.into()], &[])
        .await
        .context("cannot set up the staking program")?;
    Ok(StepOutcome::Applied)
}

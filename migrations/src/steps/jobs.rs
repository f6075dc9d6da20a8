//! Step 4: the jobs configuration.

use anyhow::{Context, Result, ensure};
use nosana_client::{jobs, pda};
use solana_address::Address;
use solana_signer::Signer;

use super::program_data::program_data_address;
use crate::{StepOutcome, Target};

/// Creates the configuration; if it exists, checks its mint.
pub async fn ensure_config(
    target: Target<'_>,
    mint: Address,
    network_fee_bps: u16,
    market_deposit: u64,
) -> Result<StepOutcome> {
    let address = pda::jobs::config();
    if let Some(config) = target.session.find_account::<jobs::accounts::Config>(&address).await? {
        ensure!(
            config.nos_mint == mint,
            "the jobs program was set up for mint {}, the plan has {mint}",
            config.nos_mint
        );
        return Ok(StepOutcome::Unchanged);
    }

    let instruction = jobs::instructions::Initialize {
        deployer: target.deployer.pubkey(),
        config: address,
        panelists: pda::jobs::panelists(),
        mint,
        program_data: program_data_address(&jobs::ID),
        network_fee_bps,
        market_deposit,
    };
    target
        .send_instructions(&[instruction.into()], &[])
        .await
        .context("cannot set up the jobs program")?;
    Ok(StepOutcome::Applied)
}

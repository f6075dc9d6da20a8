//! Step 2: the reward pool.

use anyhow::{Context, Result, ensure};
use nosana_client::{pda, rewards};
use solana_address::Address;
use solana_signer::Signer;

use super::program_data::program_data_address;
use crate::{StepOutcome, Target};

/// Creates the pool; if it exists, checks its mint.
pub async fn ensure_pool(
    target: Target<'_>,
    mint: Address,
    epoch_seconds: u64,
) -> Result<StepOutcome> {
    let address = pda::rewards::pool();
    if let Some(pool) = target.session.find_account::<rewards::accounts::Pool>(&address).await? {
        ensure!(
            pool.nos_mint == mint,
            "the reward pool was created for mint {}, the plan has {mint}",
            pool.nos_mint
        );
        return Ok(StepOutcome::Unchanged);
    }

    let instruction = rewards::instructions::Initialize {
        deployer: target.deployer.pubkey(),
        pool: address,
        mint,
        vault: pda::rewards::vault(),
        program_data: program_data_address(&rewards::ID),
        epoch_seconds,
    };
    target
        .send_instructions(&[instruction.into()], &[])
        .await
        .context("cannot create the reward pool")?;
    Ok(StepOutcome::Applied)
}

//! Step 2: the reward pool.

use anyhow::{Context, Result, ensure};
use nosana_client::{pda, rewards};
use solana_address::Address;
use solana_signer::Signer;

use super::program_data;
use crate::{Outcome, Target};

/// Makes the pool if it is not there; else checks its mint.
pub async fn apply(target: Target<'_>, mint: Address, epoch_seconds: u64) -> Result<Outcome> {
    let address = pda::rewards::pool();
    if let Some(pool) = target.session.find_account::<rewards::accounts::Pool>(&address).await? {
        ensure!(pool.nos_mint == mint, "the reward pool was made for mint {}", pool.nos_mint);
        return Ok(Outcome::Unchanged);
    }
    let instruction = rewards::instructions::Initialize {
        deployer: target.deployer.pubkey(),
        pool: address,
        mint,
        vault: pda::rewards::vault(),
        program_data: program_data(&rewards::ID),
        epoch_seconds,
    };
    target.send(&[instruction.into()], &[]).await.context("cannot make the reward pool")?;
    Ok(Outcome::Applied)
}

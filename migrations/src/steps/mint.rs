//! Step 1: the NOS mint.

use anyhow::{Context, Result, ensure};
use nosana_client::token;
use solana_signer::Signer;

use crate::{Mint, Outcome, Target};

/// Makes the mint if the plan brings its key and it is not there; else checks that it is a mint
/// with 6 decimals.
pub async fn apply(target: Target<'_>, mint: &Mint) -> Result<Outcome> {
    let address = mint.address();
    let Some(account) = target.session.raw_account(&address).await? else {
        let Mint::Made(keypair) = mint else {
            anyhow::bail!("there is no mint at {address}: check the address and the cluster");
        };
        let rent = target.session.rent(token::MINT_SIZE).await?;
        let deployer = target.deployer.pubkey();
        let instructions = token::create_mint(&deployer, &address, &deployer, rent)?;
        target.send(&instructions, &[keypair]).await.context("cannot make the NOS mint")?;
        return Ok(Outcome::Applied);
    };
    let stored =
        token::read_mint(&account.data).with_context(|| format!("{address} is not a mint"))?;
    ensure!(
        account.owner == token::PROGRAM,
        "{address} is not a mint of the classic token program"
    );
    let expected = token::NOS_DECIMALS;
    ensure!(
        stored.decimals == expected,
        "{address} has {} decimals; NOS has {expected}",
        stored.decimals
    );
    Ok(Outcome::Unchanged)
}

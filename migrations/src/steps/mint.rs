//! Step 1: the NOS mint.

use anyhow::{Context, Result, bail, ensure};
use nosana_client::token;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{MintSource, StepOutcome, Target};

/// Creates the mint if the plan has its key; if it exists, checks that it is a mint with 6
/// decimals.
pub async fn ensure_mint(target: Target<'_>, mint: &MintSource) -> Result<StepOutcome> {
    let address = mint.address();
    if let Some(account) = target.session.fetch_raw_account(&address).await? {
        check_mint(&address, &account.data, &account.owner)?;
        return Ok(StepOutcome::Unchanged);
    }

    match mint {
        MintSource::Created(keypair) => create_mint(target, keypair).await,
        MintSource::Existing(_) => {
            bail!("the mint {address} does not exist; check the address and the cluster")
        }
    }
}

async fn create_mint(target: Target<'_>, mint: &Keypair) -> Result<StepOutcome> {
    let rent = target.session.fetch_rent(token::MINT_SIZE).await?;
    let deployer = target.deployer.pubkey();
    let instructions = token::create_mint(&deployer, &mint.pubkey(), &deployer, rent)?;

    target.send_instructions(&instructions, &[mint]).await.context("cannot create the NOS mint")?;
    Ok(StepOutcome::Applied)
}

fn check_mint(address: &Address, data: &[u8], owner: &Address) -> Result<()> {
    let stored = token::read_mint(data).with_context(|| format!("{address} is not a mint"))?;
    ensure!(*owner == token::PROGRAM, "{address} is not a mint of the classic token program");

    let expected = token::NOS_DECIMALS;
    ensure!(
        stored.decimals == expected,
        "{address} has {} decimals; NOS has {expected}",
        stored.decimals
    );
    Ok(())
}

//! Step 5: NOS for wallets.

use anyhow::{Context, Result};
use nosana_client::token;
use solana_address::Address;
use solana_signer::Signer;

use crate::{StepOutcome, Target};

/// Mints to each wallet without a token account: a wallet with one has received its grant.
pub async fn grant_tokens(
    target: Target<'_>,
    mint: Address,
    grants: &[(Address, u64)],
) -> Result<StepOutcome> {
    let mut outcome = StepOutcome::Unchanged;
    let deployer = target.deployer.pubkey();

    for (wallet, amount) in grants {
        let account = token::associated_address(wallet, &mint);
        if target.account_exists(&account).await? {
            continue;
        }

        let instructions = [
            token::create_associated_account(&deployer, wallet, &mint),
            token::mint_to(&mint, &account, &deployer, *amount)?,
        ];
        target
            .send_instructions(&instructions, &[])
            .await
            .with_context(|| format!("cannot grant NOS to {wallet}"))?;
        outcome = StepOutcome::Applied;
    }
    Ok(outcome)
}

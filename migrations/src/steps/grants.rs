//! Step 5: NOS for wallets.

use anyhow::{Context, Result};
use nosana_client::token;
use solana_address::Address;
use solana_signer::Signer;

use crate::{Outcome, Target};

/// Mints to each wallet that has no token account yet, which is what tells a granted wallet.
pub async fn apply(
    target: Target<'_>,
    mint: Address,
    grants: &[(Address, u64)],
) -> Result<Outcome> {
    let mut outcome = Outcome::Unchanged;
    let deployer = target.deployer.pubkey();
    for (wallet, amount) in grants {
        let account = token::associated_address(wallet, &mint);
        if target.exists(&account).await? {
            continue;
        }
        let instructions = [
            token::create_associated(&deployer, wallet, &mint),
            token::mint_to(&mint, &account, &deployer, *amount)?,
        ];
        target
            .send(&instructions, &[])
            .await
            .with_context(|| format!("cannot grant NOS to {wallet}"))?;
        outcome = Outcome::Applied;
    }
    Ok(outcome)
}

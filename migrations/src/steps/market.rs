//! Step 5: a market of the deployer's.

use anyhow::{Context, Result};
use nosana_client::{
    jobs::{instructions::OpenMarket, types::MarketTerms},
    pda,
};
use solana_address::Address;
use solana_signer::Signer;

use crate::{Outcome, Target};

/// Opens the market if it is not there. The terms of one that is there are left as they are.
pub async fn apply(target: Target<'_>, nos_mint: Address, id: u64, terms: MarketTerms) -> Result<Outcome> {
    let authority = target.deployer.pubkey();
    let market = pda::jobs::market(&authority, id);
    if target.exists(&market).await? {
        return Ok(Outcome::Unchanged);
    }
    let instruction = OpenMarket {
        authority,
        config: pda::jobs::config(),
        nos_mint,
        market,
        queue: pda::jobs::queue(&market),
        vault: pda::jobs::vault(&market),
        id,
        terms,
    };
    target.send(&[instruction.into()], &[]).await.with_context(|| format!("cannot open market {id}"))?;
    Ok(Outcome::Applied)
}

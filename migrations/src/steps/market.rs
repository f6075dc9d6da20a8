//! Step 6: a market of the deployer's.

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Config, pda, token};
use solana_signer::Signer;

use crate::{MarketPlan, MintSource, StepOutcome, Target};

/// Opens the market, unless it exists. The terms of an existing market stay as they are.
///
/// The deployer pays the deposit; if the plan has the mint's key, the deposit is minted.
pub async fn ensure_market(
    target: Target<'_>,
    mint: &MintSource,
    plan: &MarketPlan,
) -> Result<StepOutcome> {
    let MarketPlan { id, notice_seconds, terms } = *plan;
    let nos_mint = mint.address();
    let authority = target.deployer.pubkey();

    let market = pda::jobs::market(&authority, id);
    if target.account_exists(&market).await? {
        return Ok(StepOutcome::Unchanged);
    }

    let deposit =
        target.session.fetch_account::<Config>(&pda::jobs::config()).await?.market_deposit;
    let mut instructions =
        vec![token::create_associated_account(&authority, &authority, &nos_mint)];
    if matches!(mint, MintSource::Created(_)) && deposit > 0 {
        let account = token::associated_address(&authority, &nos_mint);
        instructions.push(token::mint_to(&nos_mint, &account, &authority, deposit)?);
    }
    instructions.push(actions::open_market(authority, nos_mint, id, notice_seconds, terms).into());

    target.send_instructions(&instructions, &[]).await.with_context(|| {
        format!(
            "cannot open market {id}; its deposit of {deposit} base units comes from the \
             deployer's token account"
        )
    })?;
    Ok(StepOutcome::Applied)
}

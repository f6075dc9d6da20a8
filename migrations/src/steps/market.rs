//! Step 6: a market of the deployer's.

use anyhow::{Context, Result};
use nosana_client::{actions, jobs::accounts::Config, pda, token};
use solana_signer::Signer;

use crate::{Market, Mint, Outcome, Target};

/// Opens the market if it is not there. The terms of one that is there are left as they are.
///
/// The deployer pays the deposit; where the plan made the mint, it is minted for that.
pub async fn apply(target: Target<'_>, mint: &Mint, plan: &Market) -> Result<Outcome> {
    let Market { id, notice_seconds, terms } = *plan;
    let (nos_mint, can_mint) = (mint.address(), matches!(mint, Mint::Made(_)));
    let authority = target.deployer.pubkey();
    let market = pda::jobs::market(&authority, id);
    if target.exists(&market).await? {
        return Ok(Outcome::Unchanged);
    }
    let deposit = target.session.account::<Config>(&pda::jobs::config()).await?.market_deposit;
    let mut instructions = vec![token::create_associated(&authority, &authority, &nos_mint)];
    if can_mint && deposit > 0 {
        let account = token::associated_address(&authority, &nos_mint);
        instructions.push(token::mint_to(&nos_mint, &account, &authority, deposit)?);
    }
    instructions.push(actions::open_market(authority, nos_mint, id, notice_seconds, terms).into());
    target.send(&instructions, &[]).await.with_context(|| {
        format!("cannot open market {id}; its deposit of {deposit} base units comes from the deployer's token account")
    })?;
    Ok(Outcome::Applied)
}

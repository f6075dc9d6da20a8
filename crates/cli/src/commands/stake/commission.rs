//! `nosana stake commission`: claim the commission of delegations.

use anyhow::Result;
use nosana_client::actions;

use super::{options::StakeOptions, payout::send_and_print};

/// Claims the commission that delegations earned for the key's stake.
pub async fn claim_commission(options: StakeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    let claim_commission = actions::claim_commission(ctx.address(), ctx.mint);
    send_and_print(&ctx, &[claim_commission.into()], options.connection.is_json()).await
}

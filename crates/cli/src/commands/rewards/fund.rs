//! `nosana rewards fund`: give income to all stakers.

use anyhow::Result;
use clap::Args;
use nosana_client::actions;

use super::overview::print_overview;
use crate::{
    amount::Nos,
    commands::{connection::ConnectionOptions, funds::Cost, values::format_nos},
    confirm::ensure_confirmed,
};

/// The amount.
#[derive(Debug, Args)]
pub struct FundOptions {
    /// NOS to give to the stakers
    amount: Nos,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Funds the reward pool.
pub async fn fund_pool(options: FundOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let amount = options.amount.0;
    ctx.ensure_funds(Cost::new("this", amount, &[])).await?;
    let question = format!("Give {} to the stakers?", format_nos(amount));
    ensure_confirmed(&question, options.yes)?;

    ctx.send(actions::fund(ctx.address(), ctx.mint, amount)).await?;
    print_overview(&ctx, options.connection.is_json()).await
}

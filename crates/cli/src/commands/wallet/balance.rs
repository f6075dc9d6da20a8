//! `nosana wallet balance`: how much SOL and NOS a wallet has.

use anyhow::Result;
use clap::Args;
use serde_json::json;
use solana_address::Address;

use crate::commands::{
    connection::ConnectionOptions,
    funds::Balance,
    values::{format_nos, format_sol, parse_address, print_json},
};

/// The wallet.
#[derive(Debug, Args)]
pub struct BalanceOptions {
    /// Address of the wallet; defaults to the key's
    #[arg(value_parser = parse_address)]
    wallet: Option<Address>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Shows the balance.
pub async fn show_balance(options: BalanceOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let wallet = options.wallet.unwrap_or_else(|| ctx.address());
    let Balance { lamports, tokens } = Balance::fetch(&ctx.session, &ctx.mint, &wallet).await?;

    if options.connection.is_json() {
        return print_json(&json!({
            "wallet": wallet.to_string(),
            "lamports": lamports,
            "nos": tokens.unwrap_or(0),
            "mint": ctx.mint.to_string(),
        }));
    }
    println!("wallet  {wallet}");
    println!("SOL     {}", format_sol(lamports));
    println!("NOS     {} (token {})", format_nos(tokens.unwrap_or(0)), ctx.mint);
    Ok(())
}

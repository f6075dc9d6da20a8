//! `nosana wallet airdrop`: SOL from the faucet of a test network.

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    amount::Sol,
    commands::{
        connection::ConnectionOptions,
        values::{format_sol, parse_address, print_json},
    },
};

/// The amount, and the wallet.
#[derive(Debug, Args)]
pub struct AirdropOptions {
    /// SOL to request; faucets give little at a time
    #[arg(default_value = "1")]
    amount: Sol,
    /// Address of the wallet; defaults to the key's
    #[arg(value_parser = parse_address)]
    wallet: Option<Address>,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Requests SOL, and waits until it has arrived.
pub async fn request_sol(options: AirdropOptions) -> Result<()> {
    let wallet = match options.wallet {
        Some(wallet) => wallet,
        None => options.connection.read_key()?.pubkey(),
    };
    let session = options.connection.open_session().await?;

    let balance = session.request_airdrop(&wallet, options.amount.0).await.context(
        "this network gave no SOL: only test networks have a faucet, which limits how much it \
         gives, and how often; send SOL from another wallet with `nosana wallet send`",
    )?;

    if options.connection.is_json() {
        return print_json(&json!({ "wallet": wallet.to_string(), "lamports": balance }));
    }
    println!("{wallet} now has {}", format_sol(balance));
    Ok(())
}

//! `nosana wallet send`: send SOL and NOS to another wallet.

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::token;
use serde_json::json;
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use crate::{
    amount::{Nos, Sol},
    commands::{
        connection::ConnectionOptions,
        context::CliContext,
        funds::{Cost, FEE_LAMPORTS, find_tokens},
        values::{format_nos, format_sol, parse_address, print_json},
    },
    confirm::ensure_confirmed,
};

/// The program that owns wallets and transfers SOL.
const SYSTEM_PROGRAM: Address = Address::new_from_array([0; 32]);
/// The number of its transfer instruction.
const TRANSFER: u32 = 2;

/// The wallet, and the amounts.
#[derive(Debug, Args)]
pub struct SendFundsOptions {
    /// Address of the wallet that gets them
    #[arg(value_parser = parse_address)]
    to: Address,
    /// SOL to send
    #[arg(long)]
    sol: Option<Sol>,
    /// NOS to send
    #[arg(long)]
    nos: Option<Nos>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Sends SOL and NOS in one transaction.
pub async fn send_funds(options: SendFundsOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let to = options.to;
    let lamports = options.sol.map_or(0, |sol| sol.0);
    let tokens = options.nos.map_or(0, |nos| nos.0);
    ensure!(lamports > 0 || tokens > 0, "nothing to send: give --sol or --nos above zero");
    ensure_wallet(&ctx, &to).await?;

    let account = token::associated_address(&to, &ctx.mint);
    let opens_account = tokens > 0 && find_tokens(&ctx.session, &account).await?.is_none();
    let accounts: &[usize] = if opens_account { &[token::ACCOUNT_SIZE] } else { &[] };
    let fees = FEE_LAMPORTS.saturating_add(lamports);
    ctx.ensure_funds(Cost { fees, ..Cost::new("this", tokens, accounts) }).await?;

    if lamports > 0 {
        eprintln!("sends    {} to {to}", format_sol(lamports));
    }
    if tokens > 0 {
        let rent = if opens_account { ", and pays the rent of a token account for it" } else { "" };
        eprintln!("sends    {} to {to}{rent}", format_nos(tokens));
    }
    ensure_confirmed("Send it? This cannot be undone.", options.yes)?;

    let receipt = ctx.send_all(&transfer_steps(&ctx, &to, lamports, tokens)?).await?;
    if options.connection.is_json() {
        return print_json(&json!({
            "to": to.to_string(),
            "lamports": lamports,
            "nos": tokens,
            "signature": receipt.signature.to_string(),
        }));
    }
    println!("sent: {}", receipt.signature);
    Ok(())
}

/// Fails if the address is not one of a wallet: nobody could move what is sent to an account of a
/// program.
async fn ensure_wallet(ctx: &CliContext, to: &Address) -> Result<()> {
    ensure!(*to != ctx.address(), "{to} is your own wallet");
    let account = ctx.session.fetch_raw_account(to).await?;
    let is_wallet = match &account {
        Some(account) => account.owner == SYSTEM_PROGRAM,
        None => to.is_on_curve(),
    };
    ensure!(
        is_wallet,
        "{to} is not a wallet but an account of a program; give the address of its owner"
    );
    Ok(())
}

fn transfer_steps(
    ctx: &CliContext,
    to: &Address,
    lamports: u64,
    tokens: u64,
) -> Result<Vec<Instruction>> {
    let from = ctx.address();
    let mut steps = Vec::new();

    if lamports > 0 {
        steps.push(transfer_lamports(&from, to, lamports));
    }
    if tokens > 0 {
        let target = token::associated_address(to, &ctx.mint);
        let source = ctx.token_account();
        steps.push(token::create_associated_account(&from, to, &ctx.mint));
        steps.push(token::transfer_tokens(&source, &target, &ctx.mint, &from, tokens)?);
    }
    Ok(steps)
}

fn transfer_lamports(from: &Address, to: &Address, lamports: u64) -> Instruction {
    let accounts = vec![AccountMeta::new(*from, true), AccountMeta::new(*to, false)];
    let data = [&TRANSFER.to_le_bytes()[..], &lamports.to_le_bytes()].concat();
    Instruction { program_id: SYSTEM_PROGRAM, accounts, data }
}

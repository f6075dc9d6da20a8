//! `nosana node claim`: everything that is owed to a node's owner.

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::{
    Event, Receipt, actions, jobs::events::Event as JobsEvent,
    rewards::events::Event as RewardsEvent, staking::events::Event as StakingEvent,
};
use serde_json::json;
use solana_instruction::Instruction;

use super::owner_state::OwnerState;
use crate::commands::{
    connection::ConnectionOptions,
    context::CliContext,
    values::{format_nos, print_json},
};

/// The key's node.
#[derive(Debug, Args)]
pub struct ClaimOptions {
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// A claim that went through.
struct Claimed {
    name: String,
    amount: u64,
    signature: String,
}

/// Claims everything. Each claim is a transaction of its own, so that a failed one does not block
/// the others.
pub async fn claim_all(options: ClaimOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let state = OwnerState::fetch(&ctx, ctx.address()).await?;

    let mut claimed: Vec<Claimed> = Vec::new();
    let mut failed: Vec<String> = Vec::new();
    for (name, claim) in find_claims(&ctx, &state).await? {
        match send_claim(&ctx, claim).await {
            Ok(receipt) => claimed.push(Claimed {
                name,
                amount: claimed_amount(&receipt),
                signature: receipt.signature.to_string(),
            }),
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }

    if options.connection.is_json() {
        print_claims_json(&ctx, &claimed, &failed)?;
    } else if claimed.is_empty() && failed.is_empty() {
        println!("nothing is owed to {}: no unpaid job, no reward, no commission", state.owner);
    } else {
        print_claims(&ctx, &claimed);
    }
    ensure!(failed.is_empty(), "some claims failed: {}", failed.join("; "));
    Ok(())
}

/// Returns the possible claims: a name and an instruction each.
async fn find_claims(ctx: &CliContext, state: &OwnerState) -> Result<Vec<(String, Instruction)>> {
    let owner = state.owner;
    let account = ctx.token_account();

    let mut claims: Vec<(String, Instruction)> = Vec::new();
    for (address, job) in state.fetch_unpaid_jobs(ctx).await? {
        let collect = actions::collect(owner, address, &job, account);
        claims.push((format!("job {address}"), collect.into()));
    }
    if state.rewards.is_some_and(|earned| earned > 0) {
        let claim = actions::claim(owner, ctx.mint);
        claims.push(("rewards of the stake".to_owned(), claim.into()));
    }
    if state.owed_commission() > 0 {
        let claim = actions::claim_commission(owner, ctx.mint);
        claims.push(("commission of delegations".to_owned(), claim.into()));
    }
    Ok(claims)
}

/// Sends a claim to the owner's token account, which is created again if it was closed.
async fn send_claim(ctx: &CliContext, claim: Instruction) -> Result<Receipt> {
    ctx.send_all(&[ctx.create_token_account(), claim]).await
}

/// The paid amount in base units, according to the programs' events.
fn claimed_amount(receipt: &Receipt) -> u64 {
    let amounts = receipt.events.iter().map(|event| match event {
        Event::Jobs(JobsEvent::CreditCollected(collected)) => collected.amount,
        Event::Rewards(RewardsEvent::Claimed(claimed)) => claimed.amount,
        Event::Staking(StakingEvent::CommissionClaimed(claimed)) => claimed.amount,
        _ => 0,
    });
    amounts.sum()
}

fn total_amount(claimed: &[Claimed]) -> u64 {
    claimed.iter().map(|claim| claim.amount).sum()
}

fn print_claims_json(ctx: &CliContext, claimed: &[Claimed], failed: &[String]) -> Result<()> {
    let claims: Vec<_> = claimed
        .iter()
        .map(|Claimed { name, amount, signature }| {
            json!({ "what": name, "amount": amount, "signature": signature })
        })
        .collect();

    print_json(&json!({
        "account": ctx.token_account().to_string(),
        "total": total_amount(claimed),
        "claimed": claims,
        "failed": failed,
    }))
}

fn print_claims(ctx: &CliContext, claimed: &[Claimed]) {
    for claim in claimed {
        println!("{:<18} {}", format_nos(claim.amount), claim.name);
    }
    println!("{} came to {}", format_nos(total_amount(claimed)), ctx.token_account());
}

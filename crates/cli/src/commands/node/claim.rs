//! `nosana node claim`: everything that is owed to a node's owner, in one go.

use anyhow::{Result, ensure};
use clap::Args;
use nosana_client::{
    ClientError, Event, Receipt, actions, jobs::events::Event as JobsEvent,
    rewards::events::Event as RewardsEvent, staking::events::Event as StakingEvent, token,
};
use serde_json::{Value, json};
use solana_instruction::Instruction;

use super::facts::Facts;
use crate::commands::{
    connection::{Connection, Open},
    nos,
};

/// Whose node: that of the key.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    connection: Connection,
}

/// Takes what is owed. Each claim is a transaction of its own, so that one which fails keeps
/// nothing else back.
pub async fn run(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let facts = Facts::read(&open, open.client()).await?;
    let mut came: Vec<Value> = Vec::new();
    let mut failed: Vec<String> = Vec::new();
    for (what, claim) in owed(&open, &facts).await? {
        match take(&open, claim).await {
            Ok(receipt) => came.push(json!({
                "what": what,
                "amount": paid(&receipt),
                "signature": receipt.signature.to_string(),
            })),
            Err(error) => failed.push(format!("{what}: {error}")),
        }
    }
    let account = token::associated_address(&facts.owner, &open.mint);
    let total: u64 = came.iter().filter_map(|one| one["amount"].as_u64()).sum();
    if options.connection.json() {
        let all = json!({ "account": account.to_string(), "total": total, "claimed": came, "failed": failed });
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else if came.is_empty() && failed.is_empty() {
        println!("nothing is owed to {}: no unpaid job, no reward, no commission", facts.owner);
    } else {
        for one in &came {
            let amount = one["amount"].as_u64().unwrap_or_default();
            println!("{:<18} {}", nos(amount.into()), one["what"].as_str().unwrap_or_default());
        }
        println!("{} came to {account}", nos(total.into()));
    }
    ensure!(failed.is_empty(), "not everything could be claimed: {}", failed.join("; "));
    Ok(())
}

/// What there is to claim, each with its instruction.
async fn owed(open: &Open, facts: &Facts) -> Result<Vec<(String, Instruction)>> {
    let (owner, mint) = (facts.owner, open.mint);
    let account = token::associated_address(&owner, &mint);
    let jobs = facts.unpaid(open).await?;
    let pay = |(address, job)| {
        (format!("job {address}"), actions::collect(owner, address, &job, account).into())
    };
    let mut owed: Vec<(String, Instruction)> = jobs.into_iter().map(pay).collect();
    if facts.rewards.is_some_and(|earned| earned > 0) {
        owed.push(("rewards of the stake".to_owned(), actions::claim(owner, mint).into()));
    }
    if facts.stake.as_ref().is_some_and(|stake| stake.commission_owed > 0) {
        owed.push((
            "commission of delegations".to_owned(),
            actions::claim_commission(owner, mint).into(),
        ));
    }
    Ok(owed)
}

/// Claims to the owner's token account, which is made again if it was closed.
async fn take(open: &Open, claim: Instruction) -> Result<Receipt, ClientError> {
    let owner = open.client();
    let account = token::create_associated(&owner, &owner, &open.mint);
    open.session.send(&[account, claim], &open.keypair, &[]).await
}

/// Base units that came, as the programs tell it.
fn paid(receipt: &Receipt) -> u64 {
    let amounts = receipt.events.iter().map(|event| match event {
        Event::Jobs(JobsEvent::CreditCollected(collected)) => collected.amount,
        Event::Rewards(RewardsEvent::Claimed(claimed)) => claimed.amount,
        Event::Staking(StakingEvent::CommissionClaimed(claimed)) => claimed.amount,
        _ => 0,
    });
    amounts.sum()
}

//! `nosana job crank`: run the instruction that is due for a job.

use anyhow::{Result, anyhow, bail, ensure};
use nosana_client::{
    actions,
    due::{self, Due},
    jobs::accounts::{Job, Node},
};
use nosana_protocol::{Overflow, job::State, units::UnixTimestamp};
use serde_json::json;
use solana_address::Address;
use solana_instruction::Instruction;

use super::{
    options::JobOptions,
    settlement::{find_settlement, report_settlement, settlement_to_json},
    words::describe_state,
};
use crate::commands::{context::CliContext, values::print_json};

/// An instruction that is due.
struct DueStep {
    /// The instruction's name.
    name: &'static str,
    /// The transaction.
    instructions: Vec<Instruction>,
}

/// Sends the instruction that is due, and prints its name.
pub async fn crank_job(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    let now = ctx.chain_time().await?;

    ensure!(
        job.state != State::Settled as u8 || due::find_due(&job, now) == Ok(Some(Due::Clean)),
        "nothing is due: the job is settled and within the market's retention; \
         `nosana job clean` closes it afterwards"
    );
    let Some(step) = find_due_step(&ctx, &options.job, &job, now).await? else {
        bail!(
            "nothing is due: the job is {}, and its clock still runs; try again later",
            describe_state(&job)
        );
    };

    let receipt = ctx.send_all(&step.instructions).await?;
    if options.connection.is_json() {
        let settled = find_settlement(&options.job, &receipt);
        return print_json(&json!({
            "job": options.job.to_string(),
            "did": step.name,
            "signature": receipt.signature.to_string(),
            "settlement": settled.map(settlement_to_json),
        }));
    }
    println!("{}: done", step.name);
    report_settlement(&options.job, &receipt, false)
}

async fn find_due_step(
    ctx: &CliContext,
    address: &Address,
    job: &Job,
    now: UnixTimestamp,
) -> Result<Option<DueStep>> {
    if job.state == State::Queued as u8 {
        return find_queued_step(ctx, address, job, now).await;
    }

    let client = ctx.address();
    let step = match or_invalid(due::find_due(job, now))? {
        Some(Due::ExpireMatch) => {
            expire_match_step(ctx, address, job, fetch_authority(ctx, job).await?)
        }
        Some(Due::ExpireRun) => {
            let node = fetch_authority(ctx, job).await?;
            DueStep::new("expire_run", actions::expire_run(client, *address, job, node))
        }
        Some(Due::Settle) => {
            let node = fetch_authority(ctx, job).await?;
            DueStep::new("settle", actions::settle(client, *address, job, node))
        }
        Some(Due::Clean) => DueStep::new("clean", actions::clean(*address, job)),
        Some(Due::ExpireQueued) | None => return Ok(None),
    };
    Ok(Some(step))
}

/// A queued job waits in the queue, or a node has taken it and not started it: then only the node's
/// slot has the time of the claim.
async fn find_queued_step(
    ctx: &CliContext,
    address: &Address,
    job: &Job,
    now: UnixTimestamp,
) -> Result<Option<DueStep>> {
    let queue = ctx.session.fetch_queue(&job.market).await?;
    if let Some(cell) = queue.find_cell(address) {
        let is_due = or_invalid(due::find_due(job, now))? == Some(Due::ExpireQueued);
        let expire = || actions::expire_queued(*address, job, cell);
        return Ok(is_due.then(|| DueStep::new("expire_queued", expire())));
    }

    let Some(holder) = ctx.session.holder_of(address, job).await? else { return Ok(None) };
    let Some(slot) = holder.find_slot(address) else { return Ok(None) };
    let is_due = or_invalid(due::is_match_expired(job, UnixTimestamp(slot.since), now))?;
    Ok(is_due.then(|| expire_match_step(ctx, address, job, holder.node.authority)))
}

/// Expires a match. The caller's share of the penalty goes to the user's token account.
fn expire_match_step(
    ctx: &CliContext,
    address: &Address,
    job: &Job,
    node_authority: Address,
) -> DueStep {
    let reporter = ctx.token_account();
    let expire = actions::expire_match(*address, job, node_authority, ctx.mint, reporter);
    DueStep { name: "expire_match", instructions: vec![ctx.create_token_account(), expire.into()] }
}

async fn fetch_authority(ctx: &CliContext, job: &Job) -> Result<Address> {
    Ok(ctx.session.fetch_account::<Node>(&job.node).await?.authority)
}

impl DueStep {
    fn new(name: &'static str, instruction: impl Into<Instruction>) -> Self {
        Self { name, instructions: vec![instruction.into()] }
    }
}

fn or_invalid<T>(value: Result<T, Overflow>) -> Result<T> {
    value.map_err(|_| anyhow!("the timestamps of the job's account overflow"))
}

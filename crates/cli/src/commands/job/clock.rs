//! `nosana job crank` and `clean`: what anyone may do once a clock has run out.

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use nosana_client::{
    actions,
    due::{self, Due},
    jobs::accounts::{Job, Node},
    session::Filter,
    token,
};
use nosana_protocol::{job::State, units::UnixTimestamp};
use serde_json::json;
use solana_address::Address;
use solana_instruction::Instruction;

use super::{
    Connection,
    connection::Open,
    end::{Options, tell},
    show::stands,
};
use crate::confirm::confirm;

/// Where a job account names its payer, who gets its rent back.
const PAYER: usize = Job::PAYER_OFFSET;

/// Which jobs.
#[derive(Debug, Args)]
pub struct CleanOptions {
    /// The jobs' addresses; by default all that you paid for
    #[arg(value_parser = crate::commands::address)]
    jobs: Vec<Address>,
    /// Do not ask before closing all
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Does what is due, and says what that was.
pub async fn crank(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    let now = UnixTimestamp(open.session.clock().await?.unix_timestamp);
    ensure!(
        job.state != State::Settled as u8 || due::of(&job, now) == Ok(Some(Due::Clean)),
        "nothing is due: the job is settled, and kept until the market's retention is over; `nosana job clean` closes it then"
    );
    let Some((what, steps)) = due(&open, &options.job, &job, now).await? else {
        bail!(
            "nothing is due: the job is {}, and its clock still runs; try again later",
            stands(&job)
        );
    };
    let receipt = open.send_all(&steps).await?;
    if options.connection.json() {
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({ "job": options.job.to_string(), "did": what }))?
        );
        return Ok(());
    }
    println!("{what}: done");
    tell(&receipt)
}

/// Closes settled jobs, whose rent goes to their payer.
pub async fn clean(options: CleanOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let now = UnixTimestamp(open.session.clock().await?.unix_timestamp);
    let mut closed = Vec::new();
    if options.jobs.is_empty() {
        let jobs = open.session.accounts::<Job>(&[Filter::new(PAYER, open.client())]).await?;
        let jobs: Vec<_> =
            jobs.into_iter().filter(|(_, job)| due::of(job, now) == Ok(Some(Due::Clean))).collect();
        if !jobs.is_empty() {
            let question = format!(
                "Close {} jobs? Their results cannot be found by their addresses then.",
                jobs.len()
            );
            confirm(&question, options.yes)?;
        }
        for (address, job) in jobs {
            closed.push(close(&open, address, &job).await?);
        }
    }
    for address in options.jobs {
        let job = open.job(&address).await?;
        if job.payer_credit > 0 {
            bail!(
                "the job {address} still owes you a refund: take it with `nosana job collect {address}` first"
            );
        }
        closed.push(close(&open, address, &job).await?);
    }
    if options.connection.json() {
        println!("{}", serde_json::to_string_pretty(&json!({ "closed": closed }))?);
    } else {
        println!("{} jobs closed; their rent went back to their payers", closed.len());
    }
    Ok(())
}

async fn close(open: &Open, address: Address, job: &Job) -> Result<String> {
    let sent = open.send(actions::clean(address, job)).await;
    sent.with_context(|| format!("cannot close the job {address}"))?;
    Ok(address.to_string())
}

/// The instruction whose time has come, and its name.
async fn due(
    open: &Open,
    address: &Address,
    job: &Job,
    now: UnixTimestamp,
) -> Result<Option<(&'static str, Vec<Instruction>)>> {
    if job.state == State::Queued as u8 {
        let queue = open.session.queue(&job.market).await?;
        let Some(cell) = queue.index_of(address) else {
            return taken(open, address, job, now).await;
        };
        let over = wrong(due::of(job, now))? == Some(Due::ExpireQueued);
        return Ok(over
            .then(|| ("expire_queued", vec![actions::expire_queued(*address, job, cell).into()])));
    }
    let client = open.client();
    Ok(match wrong(due::of(job, now))? {
        Some(Due::ExpireMatch) => {
            let node = open.session.account::<Node>(&job.node).await?;
            Some(("expire_match", late(open, address, job, node.authority)))
        }
        Some(Due::ExpireRun) => {
            let node = open.session.account::<Node>(&job.node).await?;
            let expire = actions::expire_run(client, *address, job, node.authority);
            Some(("expire_run", vec![expire.into()]))
        }
        Some(Due::Settle) => {
            let node = open.session.account::<Node>(&job.node).await?;
            Some(("settle", vec![actions::settle(client, *address, job, node.authority).into()]))
        }
        Some(Due::Clean) => Some(("clean", vec![actions::clean(*address, job).into()])),
        Some(Due::ExpireQueued) | None => None,
    })
}

/// The same for a job that a node took from the queue: only the node's slot tells since when.
async fn taken(
    open: &Open,
    address: &Address,
    job: &Job,
    now: UnixTimestamp,
) -> Result<Option<(&'static str, Vec<Instruction>)>> {
    for (_, node) in open.session.accounts::<Node>(&[]).await? {
        if let Some(slot) = node.slots.iter().find(|slot| slot.job == *address) {
            let over = wrong(due::match_over(job, UnixTimestamp(slot.since), now))?;
            return Ok(over.then(|| ("expire_match", late(open, address, job, node.authority))));
        }
    }
    Ok(None)
}

/// Undoes a match; the caller's share of the penalty comes to its associated token account.
fn late(open: &Open, address: &Address, job: &Job, node_authority: Address) -> Vec<Instruction> {
    let client = open.client();
    let account = token::associated_address(&client, &open.mint);
    let make = token::create_associated(&client, &client, &open.mint);
    vec![make, actions::expire_match(*address, job, node_authority, account).into()]
}

fn wrong<T>(found: Result<T, nosana_protocol::Overflow>) -> Result<T> {
    found.map_err(|_| anyhow!("the job's account holds times that cannot be"))
}

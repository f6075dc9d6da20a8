//! `nosana job cancel`, `stop`, `accept`, `collect` and `extend`.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use nosana_client::{
    Event, Receipt, actions,
    jobs::{
        accounts::{Job, Node},
        events::Event as JobsEvent,
    },
    token,
};
use nosana_protocol::job::State;
use solana_address::Address;

use super::{Connection, connection::Open, service, show::stands};
use crate::commands::nos;

/// Which job.
#[derive(Debug, Args)]
pub struct Options {
    /// The job's address
    #[arg(value_parser = crate::commands::address)]
    pub job: Address,
    #[command(flatten)]
    pub connection: Connection,
}

/// Which job, and how much longer.
#[derive(Debug, Args)]
pub struct ExtendOptions {
    /// The job's address
    #[arg(value_parser = crate::commands::address)]
    job: Address,
    /// Seconds to add
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    #[command(flatten)]
    connection: Connection,
}

/// Takes a waiting job back.
pub async fn cancel(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    let queue = open.session.queue(&job.market).await?;
    let Some(cell) = queue.index_of(&options.job) else {
        must_be_open(&job)?;
        let hint = "`nosana job stop` ends one that runs or that a node has taken";
        bail!("the job does not wait in the queue: it is {}; {hint}", stands(&job));
    };
    tell(&open.send(actions::cancel(options.job, &job, cell)).await?)
}

/// Ends a job that a node has.
pub async fn stop(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    must_be_open(&job)?;
    let node = holder(&open, &options.job, &job).await?;
    tell(&open.send(actions::stop(open.client(), options.job, &job, node)).await?)
}

/// Accepts a result.
pub async fn accept(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    must_be_open(&job)?;
    let node = holder(&open, &options.job, &job).await?;
    tell(&open.send(actions::accept(open.client(), options.job, &job, node)).await?)
}

/// Takes a refund.
pub async fn collect(options: Options) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    let client = open.client();
    let account = token::associated_address(&client, &open.mint);
    let make = token::create_associated(&client, &client, &open.mint);
    let collect = actions::collect(client, options.job, &job, account);
    open.send_all(&[make, collect.into()]).await?;
    println!("{} came to {account}", nos(job.payer_credit.into()));
    Ok(())
}

/// Buys more time.
pub async fn extend(options: ExtendOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let job = open.job(&options.job).await?;
    must_be_open(&job)?;
    if job.state == State::Running as u8 && service::has_ended(&job) {
        bail!(
            "its node has ended the service, and more time would not start it again: list it anew"
        );
    }
    open.send(actions::extend(options.job, &job, open.client(), open.mint, options.seconds))
        .await?;
    let after = open.job(&options.job).await?;
    println!(
        "the job may run for {} s; {} are in escrow",
        after.timeout_seconds,
        nos(after.escrow.into())
    );
    Ok(())
}

fn must_be_open(job: &Job) -> Result<()> {
    ensure!(
        job.state != State::Settled as u8,
        "the job is {}: nothing about it can be changed any more",
        stands(job)
    );
    Ok(())
}

/// The authority of the node that holds the job.
async fn holder(open: &Open, address: &Address, job: &Job) -> Result<Address> {
    if job.node != Address::default() {
        return Ok(open.session.account::<Node>(&job.node).await?.authority);
    }
    // A node that took the job from the queue is not named by the job before it starts: its slot
    // names the job.
    if job.state == State::Queued as u8 {
        let nodes = open.session.accounts::<Node>(&[]).await?;
        let holder =
            nodes.into_iter().find(|(_, node)| node.slots.iter().any(|slot| slot.job == *address));
        return Ok(holder
            .context("no node has the job: `nosana job cancel` takes it out of the queue")?
            .1
            .authority);
    }
    bail!("no node has the job: it is {}", stands(job))
}

/// Says how the money was assigned.
pub fn tell(receipt: &Receipt) -> Result<()> {
    for event in &receipt.events {
        if let Event::Jobs(JobsEvent::JobSettled(settled)) = event {
            let (node, payer) = (nos(settled.node_amount.into()), nos(settled.payer_amount.into()));
            println!(
                "the node earned {node}, {payer} came back, the network got {}",
                nos(settled.network_amount.into())
            );
        }
    }
    Ok(())
}

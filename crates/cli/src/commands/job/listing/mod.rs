//! Listing a job: what all commands that list one share.
//!
//! | module | purpose |
//! | --- | --- |
//! | `nodes` | warnings about the market's nodes |
//! | `options` | the options of these commands |
//! | `queue_growth` | room in a queue that is full |
//! | `quote` | the price and the deposit |

mod nodes;
mod options;
mod queue_growth;
mod quote;

use anyhow::Result;
use nosana_client::{
    actions::{self, JobListing},
    jobs::accounts::Job,
};
use nosana_job_spec::JobDefinition;
use nosana_protocol::job::Kind;
use serde_json::json;
use solana_address::Address;
use solana_instruction::Instruction;

pub use self::options::ListingOptions;
use self::{
    nodes::warn_about_nodes,
    queue_growth::{GROWTH_BYTES, find_queue_growth},
    quote::Quote,
};
use super::{command_logs::LogOptions, definition_file::check_models, follow::follow_job};
use crate::{
    commands::{context::CliContext, funds::Cost},
    confirm::ensure_confirmed,
};

/// Lists the job. With `--wait`, follows it and prints its result.
pub async fn list_and_follow(
    definition: &JobDefinition,
    options: &ListingOptions,
    kind: Kind,
) -> Result<()> {
    let ctx = options.connect().await?;

    let job = list_job(&ctx, definition, options, kind).await?;
    if options.wait {
        let log_options = LogOptions {
            as_json: options.connection.is_json(),
            keeps_window: options.no_accept,
            ..LogOptions::default()
        };
        follow_job(&ctx, job, log_options).await?;
    }
    Ok(())
}

/// Stores the definition, prints what the job costs, asks, and lists it. Prints the job's address,
/// except where JSON of the result follows.
pub async fn list_job(
    ctx: &CliContext,
    definition: &JobDefinition,
    options: &ListingOptions,
    kind: Kind,
) -> Result<Address> {
    match kind {
        Kind::Service => definition.validate_service()?,
        Kind::Batch | Kind::VerifiedBatch => definition.validate_batch()?,
    }
    check_models(definition)?;

    let quote = Quote::fetch(ctx, options, kind).await?;
    if !options.connection.is_json() {
        quote.print(options.timeout);
    }
    warn_about_nodes(ctx, &quote.market, definition).await;
    let growth = find_queue_growth(ctx, &quote.market).await?;
    let sizes: &[usize] = if growth.is_some() { &[Job::SIZE, GROWTH_BYTES] } else { &[Job::SIZE] };
    ctx.ensure_funds(Cost::new("the job", quote.deposit, sizes)).await?;
    ensure_confirmed("List the job?", options.yes)?;

    let order = JobListing {
        nonce: new_nonce(),
        definition: ctx.store.put_json(definition)?.digest(),
        kind: kind as u8,
        timeout_seconds: options.timeout,
        max_price_per_second: quote.max_price,
    };
    let list = actions::list(ctx.address(), ctx.payer_address(), quote.market, ctx.mint, order);
    let job = list.job;
    let instructions: Vec<Instruction> = growth.into_iter().chain([list.into()]).collect();
    let receipt = match ctx.send_all(&instructions).await {
        Ok(receipt) => receipt,
        Err(error) => return Err(error.context(describe_unconfirmed(ctx, &job).await)),
    };

    if !options.connection.is_json() {
        println!("{job}");
    } else if !options.wait {
        let signature = receipt.signature.to_string();
        let deposit = quote.deposit;
        println!(
            "{}",
            json!({ "job": job.to_string(), "signature": signature, "deposit": deposit })
        );
    }
    Ok(job)
}

/// Explains what became of a job whose transaction has no receipt: it may have landed anyway.
async fn describe_unconfirmed(ctx: &CliContext, job: &Address) -> String {
    match ctx.session.find_account::<Job>(job).await {
        Ok(Some(_)) => format!(
            "the job is listed as {job}; \
             continue with `nosana job wait {job}`, and do not list it again"
        ),
        Ok(None) => format!(
            "the job was not listed, and nothing was paid, \
             unless `nosana job show {job}` finds it later"
        ),
        Err(_) => format!(
            "cannot determine whether the job was listed; \
             check with `nosana job show {job}` before you list it again"
        ),
    }
}

/// A number that no other job of this client has: the time in microseconds.
fn new_nonce() -> u64 {
    let elapsed =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

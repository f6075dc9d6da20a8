//! Listing a job: what all commands that list one share.
//!
//! | module | purpose |
//! | --- | --- |
//! | `content_feed` | the content of a job, for the node that takes it |
//! | `feed_pace` | how often feeds look at their jobs |
//! | `feed_stage` | what a job does, for its feed |
//! | `nodes` | warnings about the market's nodes |
//! | `options` | the options of these commands |
//! | `order` | the definition in the store |
//! | `private_inputs` | the inputs of a private job, checked before it is paid |
//! | `replicate` | who keeps the content until a node takes the job |
//! | `queue_growth` | room in a queue that is full |
//! | `quote` | the price and the deposit |

mod content_feed;
mod feed_pace;
mod feed_stage;
mod nodes;
mod options;
mod order;
mod private_inputs;
mod queue_growth;
mod quote;
mod replicate;

use anyhow::{Context, Result, ensure};
use nosana_client::{
    actions::{self, JobListing},
    jobs::accounts::Job,
};
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_protocol::job::Kind;
use serde_json::json;
use solana_address::Address;
use solana_instruction::Instruction;

use self::nodes::warn_about_nodes;
pub use self::{
    content_feed::ContentFeed,
    feed_pace::FeedPace,
    options::ListingOptions,
    order::store_salted,
    private_inputs::collect_inputs,
    queue_growth::{GROWTH_BYTES, find_queue_growth},
    quote::{Quote, QuoteRequest},
    replicate::{replicate_inputs, replicate_twin},
};
use super::definition_file::check_models;
use crate::{
    commands::{context::CliContext, funds::Cost},
    confirm::ensure_confirmed,
};

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
        Kind::Batch => definition.validate_batch()?,
        Kind::VerifiedBatch => definition.validate_verified()?,
    }
    check_models(definition)?;
    let is_readable = !options.private || kind != Kind::VerifiedBatch;
    ensure!(
        is_readable,
        "a verified job cannot be private: nobody else could judge its result; omit --verified or \
         --private"
    );

    let quote = Quote::fetch(ctx, QuoteRequest::from_options(options, kind)).await?;
    if !options.connection.is_json() {
        quote.print(options.timeout);
    }
    if options.private {
        collect_inputs(ctx, definition, quote.start_seconds).await?;
    }
    warn_about_nodes(ctx, &quote.market, definition).await;
    let growth = find_queue_growth(ctx, &quote.market).await?;
    let sizes: &[usize] = if growth.is_some() { &[Job::SIZE, GROWTH_BYTES] } else { &[Job::SIZE] };
    ctx.ensure_funds(Cost::new("the job", quote.deposit, sizes)).await?;
    ensure_confirmed("List the job?", options.yes)?;

    let definition = store_definition(ctx, definition, options.private, kind)?;
    let order = JobListing {
        nonce: actions::new_nonce()?,
        definition: definition.digest(),
        kind: kind as u8,
        timeout_seconds: options.timeout,
        max_price_per_second: quote.max_price,
        is_private: options.private,
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
    if options.private {
        send_private(ctx, job, definition, options.wait).await?;
    } else {
        if options.wait {
            ContentFeed::spawn_public(ctx, job, definition).await;
        }
        replicate_inputs(ctx, job, definition, options.replicas).await;
    }
    Ok(job)
}

/// Stores the definition. Verified jobs have a salt, too, so that a twin has nothing that others
/// lack; one that is in the file stays.
fn store_definition(
    ctx: &CliContext,
    definition: &JobDefinition,
    is_private: bool,
    kind: Kind,
) -> Result<ContentId> {
    match kind {
        Kind::VerifiedBatch if definition.salt.is_some() => Ok(ctx.store.put_json(definition)?),
        Kind::VerifiedBatch => store_salted(ctx, definition),
        Kind::Batch | Kind::Service if is_private => store_salted(ctx, definition),
        Kind::Batch | Kind::Service => Ok(ctx.store.put_json(definition)?),
    }
}

/// Brings the content of a private job to its node: until that has started the job, or in the
/// background if this command follows the job.
async fn send_private(
    ctx: &CliContext,
    job: Address,
    definition: ContentId,
    is_followed: bool,
) -> Result<()> {
    let feed = ContentFeed::prepare_private(ctx, ctx.store.clone(), job, definition).await;
    let feed = feed.with_context(|| {
        format!("the job is listed as {job}; `nosana job wait {job}` sends its content")
    })?;

    if is_followed {
        feed.spawn(FeedPace::default());
        return Ok(());
    }
    feed.send_until_started().await
}

/// Explains what became of a job whose transaction has no receipt: it may have landed anyway.
pub async fn describe_unconfirmed(ctx: &CliContext, job: &Address) -> String {
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

//! `nosana job post`, `embed` and `validate`, and what every way of listing does.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_client::{
    actions::{self, Order},
    jobs::accounts::{Config, Job, Market},
    pda,
};
use nosana_engine::{ALL_MINILM_L6_V2, SMOLLM2_135M_INSTRUCT, check_model};
use nosana_job_spec::{
    DEFAULT_MAX_TOKENS, InferenceArgs, JobDefinition, MAX_TOKENS, Operation, Task,
};
use nosana_protocol::{
    job::Kind,
    settlement::Terms,
    units::{BasisPoints, Price, Seconds},
};
use serde_json::json;
use solana_address::Address;

use super::{Connection, schema, show};
use crate::{
    amount::Nos,
    commands::{connection::Open, nos},
    confirm::confirm,
};

/// What all ways of listing ask for.
#[derive(Debug, Args)]
pub struct Offer {
    /// The market; by default the only one there is
    #[arg(short, long, value_parser = crate::commands::address)]
    market: Option<Address>,
    /// The longest paid time, in seconds
    #[arg(short, long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: u64,
    /// The highest price to pay, in NOS a second; by default the market's price of now
    #[arg(long)]
    max_price: Option<Nos>,
    /// Do not ask before the deposit is paid
    #[arg(short, long)]
    yes: bool,
    /// Wait for the result and print it
    #[arg(short, long)]
    pub(super) wait: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// A definition in a file.
#[derive(Debug, Args)]
pub struct FileOptions {
    /// The definition, JSON
    file: PathBuf,
    /// List it as a service: it runs for --timeout, and is paid for the time that its node proves
    #[arg(long)]
    service: bool,
    #[command(flatten)]
    offer: Offer,
}

/// Texts to embed.
#[derive(Debug, Args)]
pub struct EmbedOptions {
    /// The texts
    #[arg(required = true)]
    texts: Vec<String>,
    #[command(flatten)]
    offer: Offer,
}

/// A question to a language model.
#[derive(Debug, Args)]
pub struct GenerateOptions {
    /// The questions; each has an answer of its own
    #[arg(required = true)]
    prompts: Vec<String>,
    /// The most tokens of an answer
    #[arg(long, default_value_t = DEFAULT_MAX_TOKENS, value_parser = clap::value_parser!(u32).range(1..=MAX_TOKENS as i64))]
    max_tokens: u32,
    #[command(flatten)]
    offer: Offer,
}

/// A file to check.
#[derive(Debug, Args)]
pub struct ValidateOptions {
    /// The definition, JSON
    file: PathBuf,
}

/// Lists a job from a file.
pub async fn file(options: FileOptions) -> Result<()> {
    let kind = if options.service { Kind::Service } else { Kind::Batch };
    list(&read(&options.file)?, &options.offer, kind).await
}

/// Lists a job that embeds texts with the model that every node has.
pub async fn embed(options: EmbedOptions) -> Result<()> {
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, options.texts);
    let definition =
        JobDefinition::new(vec![Operation::InferenceRun { id: "embed".to_owned(), args }]);
    definition.validate()?;
    list(&definition, &options.offer, Kind::Batch).await
}

/// Lists a job that answers questions with the language model that every node has.
pub async fn generate(options: GenerateOptions) -> Result<()> {
    let mut args =
        InferenceArgs::new(SMOLLM2_135M_INSTRUCT.digest(), Task::Generation, options.prompts);
    args.max_tokens = Some(options.max_tokens);
    let definition =
        JobDefinition::new(vec![Operation::InferenceRun { id: "generate".to_owned(), args }]);
    definition.validate()?;
    list(&definition, &options.offer, Kind::Batch).await
}

/// Says what is wrong with a file.
pub fn validate(options: &ValidateOptions) -> Result<()> {
    let definition = read(&options.file)?;
    check_models(&definition)?;
    println!(
        "{} is a valid definition of {} operation(s)",
        options.file.display(),
        definition.ops.len()
    );
    Ok(())
}

/// Fails if an operation names a model that no node has, or that does another task.
fn check_models(definition: &JobDefinition) -> Result<()> {
    for operation in &definition.ops {
        let Some(args) = operation.inference_args() else { continue };
        check_model(args).with_context(|| {
            format!(
                "operation `{}` cannot run; `nosana job embed` and `nosana job generate` use models that nodes have",
                operation.id()
            )
        })?;
    }
    Ok(())
}

fn read(path: &PathBuf) -> Result<JobDefinition> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    // The schema tells everything that is wrong, the reader the first of it, and what no schema can
    // say.
    let definition = schema::check(&bytes).and_then(|()| Ok(JobDefinition::from_json(&bytes)?));
    definition.with_context(|| format!("{} cannot be run", path.display()))
}

/// Lists the job and, where that is asked for, waits for its result.
async fn list(definition: &JobDefinition, offer: &Offer, kind: Kind) -> Result<()> {
    let open = offer.connection.open().await?;
    let job = list_with(&open, definition, offer, kind).await?;
    if !offer.wait {
        return Ok(());
    }
    show::follow(&open, job, offer.connection.json()).await
}

/// Stores the definition, shows what it costs, lists it, and tells its address unless somebody
/// waits for more.
pub(super) async fn list_with(
    open: &Open,
    definition: &JobDefinition,
    offer: &Offer,
    kind: Kind,
) -> Result<Address> {
    if kind == Kind::Service {
        definition.validate_service()?;
    }
    check_models(definition)?;
    let (market, stored) = open.market(offer.market).await?;
    let config = open.session.account::<Config>(&pda::jobs::config()).await?;
    let price = stored.terms.price_per_second;
    let max_price = offer.max_price.map_or(price, |price| price.0);
    ensure!(
        price <= max_price,
        "the market asks for {} a second, more than --max-price {}",
        nos(price.into()),
        nos(max_price.into())
    );
    let deposit = deposit(&stored, offer.timeout, config.network_fee_bps, kind)?;
    if !offer.connection.json() {
        eprintln!(
            "market   {market}: {} a second, {} an hour",
            nos(price.into()),
            nos(u128::from(price) * 3_600)
        );
        eprintln!(
            "deposit  {} for {} s; what is not used comes back",
            nos(deposit.into()),
            offer.timeout
        );
    }
    confirm("List the job?", offer.yes)?;
    let id = open.store.put_json(definition)?;
    let order = Order {
        nonce: nonce(),
        definition: id.digest(),
        kind: kind as u8,
        timeout_seconds: offer.timeout,
        max_price_per_second: max_price,
    };
    let client = open.client();
    let list = actions::list(client, client, market, open.mint, order);
    let job = list.job;
    let receipt = match open.send(list).await {
        Ok(receipt) => receipt,
        Err(error) => return Err(error.context(listed(open, &job).await)),
    };
    if offer.connection.json() && !offer.wait {
        println!(
            "{}",
            json!({ "job": job.to_string(), "signature": receipt.signature.to_string(), "deposit": deposit })
        );
    } else if !offer.connection.json() {
        println!("{job}");
    }
    Ok(job)
}

/// What became of a job whose transaction has no receipt: it may have landed all the same.
async fn listed(open: &Open, job: &Address) -> String {
    match open.session.find_account::<Job>(job).await {
        Ok(Some(_)) => {
            format!(
                "the job is listed as {job}; go on with `nosana job wait {job}`, and do not list it again"
            )
        }
        Ok(None) => {
            format!(
                "the job was not listed, and nothing was paid, unless `nosana job show {job}` finds it later"
            )
        }
        Err(_) => format!(
            "nobody knows whether the job was listed: look with `nosana job show {job}` before you list it again"
        ),
    }
}

/// What listing costs, until it comes back.
fn deposit(market: &Market, timeout: u64, fee: u16, kind: Kind) -> Result<u64> {
    let longest = market.terms.max_timeout_seconds;
    ensure!(timeout <= longest, "the market allows {longest} s at most: give a shorter --timeout");
    let price = Price(market.terms.price_per_second);
    let terms = Terms { price, timeout: Seconds(timeout), fee: BasisPoints(fee), kind };
    terms.escrow().map(|amount| amount.0).ok().context("the deposit is beyond all numbers")
}

/// A number that no other job of this client has: the time in microseconds.
fn nonce() -> u64 {
    let elapsed =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

//! `nosana job show`, `list` and `wait`.

use anyhow::Result;
use clap::Args;
use nosana_client::{jobs::accounts::Job, session::Filter};
use nosana_job_spec::ContentId;
use nosana_protocol::{
    job::{Reason, State},
    units::UnixTimestamp,
};
use serde_json::{Value, json};
use solana_address::Address;

use super::{Connection, connection::Open, service, wait};
use crate::commands::nos;

/// Where a job account names its client: after the discriminator.
const CLIENT: usize = 8;

/// One job.
#[derive(Debug, Args)]
pub struct OneOptions {
    /// The job's address
    #[arg(value_parser = crate::commands::address)]
    job: Address,
    #[command(flatten)]
    connection: Connection,
}

/// All jobs.
#[derive(Debug, Args)]
pub struct AllOptions {
    #[command(flatten)]
    connection: Connection,
}

/// Shows one job.
pub async fn one(options: OneOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let (job, clock) = (open.job(&options.job).await?, open.session.clock().await?);
    let now = UnixTimestamp(clock.unix_timestamp);
    if options.connection.json() {
        let mut shown = as_json(&options.job, &job);
        if let (Some(fields), true) = (shown.as_object_mut(), job.is_service()) {
            fields.extend(service::as_json(&job, now)?);
        }
        println!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    let mut lines = lines(&options.job, &job);
    if job.is_service() {
        lines.extend(service::lines(&job, now)?);
    }
    for (name, value) in lines {
        println!("{name:<12} {value}");
    }
    Ok(())
}

/// Lists the client's jobs, the newest first.
pub async fn all(options: AllOptions) -> Result<()> {
    let open = options.connection.open().await?;
    let mut jobs = open.session.accounts::<Job>(&[Filter::new(CLIENT, open.client())]).await?;
    jobs.sort_by_key(|(_, job)| std::cmp::Reverse((job.listed_at, job.nonce)));
    if options.connection.json() {
        let all: Vec<Value> = jobs.iter().map(|(address, job)| as_json(address, job)).collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if jobs.is_empty() {
        println!("{} has no jobs here: `nosana job embed TEXT` lists one", open.client());
    }
    for (address, job) in jobs {
        println!(
            "{address}  {:<10} {:<16} escrow {}",
            state(&job),
            reason(&job),
            nos(job.escrow.into())
        );
    }
    Ok(())
}

/// Waits for one job.
pub async fn wait(options: OneOptions) -> Result<()> {
    let open = options.connection.open().await?;
    follow(&open, options.job, options.connection.json()).await
}

/// Follows a job to its end and prints what it left.
pub(super) async fn follow(open: &Open, address: Address, as_json: bool) -> Result<()> {
    if open.job(&address).await?.is_service() {
        service::follow(open, address, None, as_json).await
    } else {
        wait::for_result(open, address, as_json).await
    }
}

/// The state, in words.
pub fn state(job: &Job) -> String {
    State::from_byte(job.state)
        .map_or_else(|| format!("unknown ({})", job.state), |state| format!("{state:?}"))
}

/// The state within a sentence, with the reason if there is one.
pub fn stands(job: &Job) -> String {
    let state = state(job).to_lowercase();
    if Reason::from_byte(job.reason) == Some(Reason::None) {
        state
    } else {
        format!("{state} ({})", reason(job))
    }
}

/// Why it was settled, in words.
pub fn reason(job: &Job) -> String {
    match Reason::from_byte(job.reason) {
        Some(Reason::None) => "-".to_owned(),
        Some(reason) => format!("{reason:?}"),
        None => format!("unknown ({})", job.reason),
    }
}

fn kind(job: &Job) -> &'static str {
    if job.is_service() { "service" } else { "batch" }
}

fn lines(address: &Address, job: &Job) -> Vec<(&'static str, String)> {
    let content = |digest: [u8; 32]| {
        if digest == [0; 32] { "-".to_owned() } else { ContentId::from_digest(digest).to_string() }
    };
    let node = if job.node == Address::default() { "-".to_owned() } else { job.node.to_string() };
    vec![
        ("job", address.to_string()),
        ("state", state(job)),
        ("reason", reason(job)),
        ("kind", kind(job).to_owned()),
        ("market", job.market.to_string()),
        ("node", node),
        ("definition", content(job.definition)),
        ("result", content(job.result)),
        (
            "timeout",
            format!("{} s at {} a second", job.timeout_seconds, nos(job.price_per_second.into())),
        ),
        ("escrow", nos(job.escrow.into())),
        ("refund due", nos(job.payer_credit.into())),
        ("progress", format!("{}.{:02} %", job.progress_bps / 100, job.progress_bps % 100)),
        ("attempts", format!("{} of {}", job.attempts, job.max_attempts)),
    ]
}

fn as_json(address: &Address, job: &Job) -> Value {
    let content =
        |digest: [u8; 32]| (digest != [0; 32]).then(|| ContentId::from_digest(digest).to_string());
    json!({
        "job": address.to_string(),
        "state": state(job),
        "reason": reason(job),
        "market": job.market.to_string(),
        "kind": kind(job),
        "node": (job.node != Address::default()).then(|| job.node.to_string()),
        "definition": content(job.definition),
        "result": content(job.result),
        "timeout_seconds": job.timeout_seconds,
        "price_per_second": job.price_per_second,
        "escrow": job.escrow,
        "payer_credit": job.payer_credit,
        "progress_bps": job.progress_bps,
        "attempts": job.attempts,
        "listed_at": job.listed_at,
        "started_at": job.started_at,
        "submitted_at": job.submitted_at,
        "settled_at": job.settled_at,
    })
}

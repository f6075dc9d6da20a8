//! `nosana job show`: one job's account.

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use solana_address::Address;

use super::{
    job_json::{content_text, job_to_json},
    options::JobOptions,
    service,
    words::{kind_name, reason_name, state_name},
};
use crate::commands::values::{format_bps, format_nos, print_json};

/// Shows one job.
pub async fn show_job(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    let now = ctx.chain_time().await?;

    if options.connection.is_json() {
        let mut shown = job_to_json(&options.job, &job);
        if let (Some(fields), true) = (shown.as_object_mut(), job.is_service()) {
            fields.extend(service::cost_to_json(&job, now)?);
        }
        return print_json(&shown);
    }

    let mut lines = describe_job(&options.job, &job);
    if job.is_service() {
        lines.extend(service::describe_cost(&job, now)?);
    }
    for (name, value) in lines {
        println!("{name:<12} {value}");
    }
    Ok(())
}

fn describe_job(address: &Address, job: &Job) -> Vec<(&'static str, String)> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let price = format_nos(job.price_per_second);

    vec![
        ("job", address.to_string()),
        ("state", state_name(job)),
        ("reason", reason_name(job)),
        ("kind", kind_name(job).to_owned()),
        ("market", job.market.to_string()),
        ("node", or_dash((job.node != Address::default()).then(|| job.node.to_string()))),
        ("definition", or_dash(content_text(job.definition))),
        ("result", or_dash(content_text(job.result))),
        ("timeout", format!("{} s at {price} a second", job.timeout_seconds)),
        ("escrow", format_nos(job.escrow)),
        ("refund due", format_nos(job.payer_credit)),
        ("progress", format_bps(job.progress_bps)),
        ("attempts", format!("{} of {}", job.attempts, job.max_attempts)),
    ]
}

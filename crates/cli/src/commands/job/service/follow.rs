//! Following a service.

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{job::State, units::UnixTimestamp};
use serde_json::json;
use solana_address::Address;

use super::{
    cost::{ServiceCost, advise_client, has_ended_early},
    logs::show_service_logs,
};
use crate::commands::{
    context::CliContext,
    job::{
        command_logs::LogOptions,
        cost::JobCost,
        history::{report_transactions, transactions_to_json},
        live_wait::LiveWait,
        node_words::has_node_words,
        updates::follow_updates,
        verdict::{Verdict, ensure_service_served},
        words::reason_name,
    },
    values::{format_nos, print_json},
};

/// Follows a service to its end. Prints the time left and the cost with each heartbeat, and at the
/// end what the service left.
pub async fn follow_service(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<()> {
    let live = LiveWait::start(ctx, address, &options);
    let job = follow_updates(ctx, address, async |job| print_progress(ctx, job).await).await?;
    let shown = live.finish().await;
    let history = report_transactions(ctx, &address).await;
    let options = LogOptions { shown: shown.as_deref(), history: history.as_ref(), ..options };
    let cost = ServiceCost::compute(&job, UnixTimestamp(job.settled_at))?;

    let verdict = Verdict::from_service(&job).unwrap_or(Verdict::Succeeded);
    // What a node printed that gave the service back does not belong to its output.
    if job.started_at != 0 && job.checkpoint != [0; 32] && !has_node_words(&job) {
        let artifacts_to = options.artifacts_to.filter(|_| has_ended_early(&job));
        let log_options = LogOptions { artifacts_to, verdict: Some(verdict), ..options };
        show_service_logs(&ctx.job_store(&address, &job)?, address, &job, log_options)?;
    } else if options.as_json {
        print_json(&json!({
            "job": address.to_string(),
            "succeeded": verdict.has_succeeded(),
            "exit_code": verdict.exit_code(),
            "report": null,
            "cost": JobCost::from_account(&job)?.to_json(),
            "transactions": transactions_to_json(history.as_ref()),
        }))?;
    }

    let earned = format_nos(cost.split.node.0);
    eprintln!("ended: {}; {earned} for {} s", reason_name(&job), cost.paid_time.0);
    ensure!(job.started_at != 0, "the service was never started: {}", reason_name(&job));
    ensure_service_served(&job)
}

async fn print_progress(ctx: &CliContext, job: &Job) -> Result<()> {
    if job.state != State::Running as u8 {
        return Ok(());
    }

    let ServiceCost { time_left, paid_time, split } =
        ServiceCost::compute(job, ctx.chain_time().await?)?;
    let earned = format_nos(split.node.0);
    eprintln!("{} s left, {earned} for {} s so far", time_left.0, paid_time.0);

    // At the end of its time the service is settled anyway.
    if has_ended_early(job) && time_left.0 > 0 {
        eprintln!("{}", advise_client(job)?);
    }
    Ok(())
}

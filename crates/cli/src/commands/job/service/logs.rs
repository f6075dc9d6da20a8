//! The logs of a service.

use anyhow::{Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, ServiceReport};
use nosana_protocol::job::State;
use nosana_store::Store;
use serde::Serialize;
use serde_json::json;
use solana_address::Address;

use super::cost::has_ended_early;
use crate::{
    commands::{
        job::{
            answer::Answer,
            command_logs::{LogOptions, show_command_logs},
            content::read_json,
            cost::JobCost,
            history::transactions_to_json,
            node_words::{has_node_words, read_return_report},
            verdict::Verdict,
            words::reason_name,
        },
        values::print_json,
    },
    terminal::write_log,
};

/// Prints the logs that the service's node has reported; after its end, the logs and artifacts that
/// it left.
pub fn show_service_logs(
    store: &Store,
    address: Address,
    job: &Job,
    options: LogOptions<'_>,
) -> Result<()> {
    if has_node_words(job) {
        return show_left_log(store, address, job, options);
    }
    let is_settled = job.state == State::Settled as u8;
    let is_started = job.started_at != 0;
    ensure!(is_started || !is_settled, "the service was never started: {}", reason_name(job));
    ensure!(is_started, "the service has not been started yet");
    ensure!(
        job.checkpoint != [0; 32],
        "its node has not reported yet what the service prints; heartbeats report it, the first \
         one at most 10 s after the start; `nosana job logs {address} --follow` prints it at once"
    );

    if has_ended_early(job) {
        let answer = Answer::load(store, address, job)?;
        // Commands of a service run until they are ended: their exit codes are not failures.
        return show_command_logs(store, &answer, options).map(drop);
    }

    ensure!(
        options.artifacts_to.is_none(),
        "the service has no artifacts yet: they are kept when its time is over"
    );
    let report: ServiceReport = read_json(store, &ContentId::from_digest(job.checkpoint))?;
    ensure!(
        report.definition.digest() == job.definition,
        "the node's report is about another service"
    );

    if options.as_json {
        return print_report(address, job, &report, &options);
    }
    if options.shown.is_some() {
        return Ok(());
    }
    write_log(report.log.as_bytes(), options.raw);
    eprintln!("the end of {} bytes that were printed by the last heartbeat", report.printed_bytes);
    Ok(())
}

/// Prints what the service printed before its last node gave it back.
fn show_left_log(
    store: &Store,
    address: Address,
    job: &Job,
    options: LogOptions<'_>,
) -> Result<()> {
    let report = read_return_report(store, job)?;

    if options.as_json {
        return print_report(address, job, &report, &options);
    }
    ensure!(!report.log.is_empty(), "the service printed nothing: its node gave it back");
    write_log(report.log.as_bytes(), options.raw);
    eprintln!(
        "the end of {} bytes that were printed before the node gave the service back",
        report.printed_bytes
    );
    Ok(())
}

fn print_report(
    address: Address,
    job: &Job,
    report: &impl Serialize,
    options: &LogOptions<'_>,
) -> Result<()> {
    print_json(&json!({
        "job": address.to_string(),
        "succeeded": options.verdict.map(Verdict::has_succeeded),
        "exit_code": options.verdict.map(Verdict::exit_code),
        "report": report,
        "cost": JobCost::from_account(job)?.to_json(),
        "transactions": transactions_to_json(options.history),
    }))
}

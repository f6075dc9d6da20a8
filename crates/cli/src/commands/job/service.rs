//! What a client is told of a service: how long it still runs, and what it has cost so far.

use std::{
    io::{IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, ServiceReport};
use nosana_protocol::{
    job::{Reason, State},
    settlement::Split,
    units::{Seconds, UnixTimestamp, WHOLE_BPS},
};
use serde_json::{Map, Value, json};
use solana_address::Address;

use super::{
    connection::Open,
    logs,
    show::reason,
    terminal::for_terminal,
    wait::{MISSING, each_update},
};
use crate::commands::nos;

/// What the chain would pay, or has paid.
struct Account {
    /// Paid time that is left.
    left: Seconds,
    /// Time that is paid, if it ended now.
    paid: Seconds,
    split: Split,
}

/// What a service costs at `now` of the chain's clock, or has cost.
fn account(job: &Job, now: UnixTimestamp) -> Result<Account> {
    let is_settled = job.state == State::Settled as u8;
    let (why, until) = match Reason::from_byte(job.reason) {
        Some(reason) if is_settled => (reason, UnixTimestamp(job.settled_at)),
        _ => (Reason::ClientStopped, now),
    };
    let split = || job.split(why, until).and_then(|split| Ok((split, job.time_left(now)?)));
    let ((paid, split), left) = split().ok().context("the job's numbers are beyond all bounds")?;
    let runs = job.state == State::Running as u8;
    let left = match (runs, is_settled) {
        (true, _) => left,
        (_, true) => Seconds(0),
        _ => Seconds(job.timeout_seconds),
    };
    Ok(Account { left, paid, split })
}

/// Whether its operations have ended: its node says so, and names what they left.
pub fn has_ended(job: &Job) -> bool {
    job.is_service() && job.checkpoint != [0; 32] && job.progress_bps == WHOLE_BPS
}

/// What is best done about a service whose node has ended it early, and which still runs as far as
/// the chain knows: its node is silent; but a silence of the last seconds does not show before the
/// end, and then the whole time counts as proven.
fn advice(job: &Job) -> Result<&'static str> {
    let run = job.run();
    let shows = run
        .started
        .after(run.timeout)
        .and_then(|end| job.clocks().heartbeat_lost(run.heartbeat, end));
    Ok(if shows.ok().context("the job's numbers are beyond all bounds")? {
        "its node has ended it; leave it, and its silence ends it without costing more"
    } else {
        "its node has ended it; `nosana job stop` it now, or its whole time is paid"
    })
}

/// What `nosana job show` adds.
pub fn lines(job: &Job, now: UnixTimestamp) -> Result<Vec<(&'static str, String)>> {
    let Account { left, paid, split } = account(job, now)?;
    let cost = format!(
        "{} s, {} and a fee of {}",
        paid.0,
        nos(split.node.0.into()),
        nos(split.network.0.into())
    );
    let mut lines = vec![("time left", format!("{} s", left.0)), ("paid so far", cost)];
    if job.state == State::Running as u8 {
        lines
            .push(("heartbeat", format!("{} s ago", now.since(UnixTimestamp(job.heartbeat_at)).0)));
    }
    if has_ended(job) {
        lines.push(("left", ContentId::from_digest(job.checkpoint).to_string()));
        if job.state == State::Running as u8 {
            lines.push(("now", advice(job)?.to_owned()));
        }
    }
    Ok(lines)
}

/// The same for programs.
pub fn as_json(job: &Job, now: UnixTimestamp) -> Result<Map<String, Value>> {
    let Account { left, paid, split } = account(job, now)?;
    let checkpoint = has_ended(job).then(|| ContentId::from_digest(job.checkpoint).to_string());
    let fields = json!({
        "seconds_left": left.0,
        "paid_seconds": paid.0,
        "node_amount": split.node.0,
        "network_amount": split.network.0,
        "heartbeat_at": job.heartbeat_at,
        "checkpoint": checkpoint,
    });
    Ok(fields.as_object().cloned().unwrap_or_default())
}

/// Prints what the service has printed, as far as its node has told; with what it left if it has
/// ended.
pub fn show_logs(
    open: &Open,
    address: Address,
    job: &Job,
    artifacts_to: Option<&Path>,
    as_json: bool,
) -> Result<()> {
    let settled = job.state == State::Settled as u8;
    ensure!(job.started_at != 0 || !settled, "the service was never started: {}", reason(job));
    ensure!(job.started_at != 0, "the service has not been started yet");
    ensure!(
        job.checkpoint != [0; 32],
        "its node has not told yet what the service prints: it does so with heartbeats"
    );
    if has_ended(job) {
        // How its commands ended is no failure: they were meant to run until they are ended.
        return logs::show(open, address, job, artifacts_to, as_json).map(drop);
    }
    ensure!(artifacts_to.is_none(), "files are kept only when a service's time is over");
    let report: ServiceReport =
        open.store.get_json(&ContentId::from_digest(job.checkpoint)).context(MISSING)?;
    ensure!(
        report.definition.digest() == job.definition,
        "the node's report is about another service"
    );
    if as_json {
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({ "job": address.to_string(), "report": report }))?
        );
        return Ok(());
    }
    let mut out = std::io::stdout();
    let log = report.log.as_bytes();
    out.write_all(&if out.is_terminal() { for_terminal(log) } else { log.to_vec() })?;
    out.flush()?;
    eprintln!("the end of {} bytes that were printed by the last heartbeat", report.printed_bytes);
    Ok(())
}

/// Follows a service to its end and tells at each sign of life what is left and what it costs; then
/// prints what it left.
pub async fn follow(
    open: &Open,
    address: Address,
    artifacts_to: Option<&Path>,
    as_json: bool,
) -> Result<()> {
    let job = each_update(open, address, async |job| {
        if job.state != State::Running as u8 {
            return Ok(());
        }
        let Account { left, paid, split } =
            account(job, UnixTimestamp(open.session.clock().await?.unix_timestamp))?;
        eprintln!("{} s left, {} for {} s so far", left.0, nos(split.node.0.into()), paid.0);
        // At its end it is about to be settled anyway.
        if has_ended(job) && left.0 > 0 {
            eprintln!("{}", advice(job)?);
        }
        Ok(())
    })
    .await?;
    let Account { paid, split, .. } = account(&job, UnixTimestamp(job.settled_at))?;
    if job.checkpoint != [0; 32] {
        show_logs(open, address, &job, artifacts_to.filter(|_| has_ended(&job)), as_json)?;
    } else if as_json {
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({ "job": address.to_string(), "report": null }))?
        );
    }
    eprintln!("ended: {}; {} for {} s", reason(&job), nos(split.node.0.into()), paid.0);
    ensure!(job.started_at != 0, "the service was never started: {}", reason(&job));
    Ok(())
}

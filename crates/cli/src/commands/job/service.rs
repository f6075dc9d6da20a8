//! What a client is told of a service: how long it still runs, and what it has cost so far.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    job::{Reason, State},
    settlement::Split,
    units::{Moment, Seconds},
};
use nosana_store::ContentId;
use serde_json::{Map, Value, json};
use solana_address::Address;

use super::{
    connection::Open,
    logs,
    show::reason,
    wait::{each_update, left},
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
fn account(job: &Job, now: Moment) -> Result<Account> {
    let is_settled = job.state == State::Settled as u8;
    let (why, until) = match Reason::from_byte(job.reason) {
        Some(reason) if is_settled => (reason, Moment(job.settled_at)),
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

/// Whether its operations ended by themselves while it runs: its node says so with a checkpoint, and falls silent.
pub fn has_ended(job: &Job) -> bool {
    job.is_service() && job.checkpoint != [0; 32]
}

/// What `nosana job show` adds.
pub fn lines(job: &Job, now: Moment) -> Result<Vec<(&'static str, String)>> {
    let Account { left, paid, split } = account(job, now)?;
    let cost = format!("{} s, {} and a fee of {}", paid.0, nos(split.node.0.into()), nos(split.network.0.into()));
    let mut lines = vec![("time left", format!("{} s", left.0)), ("paid so far", cost)];
    if job.state == State::Running as u8 {
        lines.push(("heartbeat", format!("{} s ago", now.since(Moment(job.heartbeat_at)).0)));
    }
    if has_ended(job) {
        lines.push(("left", ContentId::from_digest(job.checkpoint).to_string()));
    }
    Ok(lines)
}

/// The same for programs.
pub fn as_json(job: &Job, now: Moment) -> Result<Map<String, Value>> {
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

/// Whether the node has told what the service left.
pub fn check_left(job: &Job) -> Result<()> {
    ensure!(job.started_at != 0, "the service has not been started yet");
    ensure!(
        has_ended(job),
        "the chain does not name what the service left: its node does that when it ends, and cannot once the client has \
         stopped it"
    );
    Ok(())
}

/// Follows a service to its end and tells at each sign of life what is left and what it costs; then prints what it left.
pub async fn follow(open: &Open, address: Address, artefacts_to: Option<&Path>, as_json: bool) -> Result<()> {
    let job = each_update(open, address, async |job| {
        if job.state != State::Running as u8 {
            return Ok(());
        }
        let Account { left, paid, split } = account(job, Moment(open.session.clock().await?.unix_timestamp))?;
        let ended = if has_ended(job) { "; it has ended by itself" } else { "" };
        eprintln!("{} s left, {} for {} s so far{ended}", left.0, nos(split.node.0.into()), paid.0);
        Ok(())
    })
    .await?;
    let Account { paid, split, .. } = account(&job, Moment(job.settled_at))?;
    let has_result = left(&job) != [0; 32];
    if as_json && !has_result {
        let told = json!({ "job": address.to_string(), "result": null, "outputs": {} });
        println!("{}", serde_json::to_string_pretty(&told)?);
    }
    if has_result {
        // How its commands ended is no failure: they were meant to run until they are ended.
        logs::show(open, address, &job, artefacts_to, as_json)?;
    }
    eprintln!("ended: {}; {} for {} s", reason(&job), nos(split.node.0.into()), paid.0);
    ensure!(job.started_at != 0, "the service was never started: {}", reason(&job));
    Ok(())
}

//! The cost of a service as lines and as JSON.

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::{job::State, units::UnixTimestamp};
use serde_json::{Map, Value, json};

use super::cost::{ServiceCost, advise_client, has_ended_early};

/// The lines that `nosana job show` adds for a service.
pub fn describe_cost(job: &Job, now: UnixTimestamp) -> Result<Vec<(&'static str, String)>> {
    let ServiceCost { time_left, .. } = ServiceCost::compute(job, now)?;
    let is_running = job.state == State::Running as u8;

    let mut lines = vec![("time left", format!("{} s", time_left.0))];
    if is_running {
        let age = now.seconds_since(UnixTimestamp(job.heartbeat_at));
        lines.push(("heartbeat", format!("{} s ago", age.0)));
    }
    if has_ended_early(job) {
        lines.push(("left", ContentId::from_digest(job.checkpoint).to_string()));
        if is_running {
            lines.push(("now", advise_client(job)?.to_owned()));
        }
    }
    Ok(lines)
}

/// The fields that `nosana job show` adds for a service.
pub fn cost_to_json(job: &Job, now: UnixTimestamp) -> Result<Map<String, Value>> {
    let ServiceCost { time_left, .. } = ServiceCost::compute(job, now)?;
    let checkpoint =
        has_ended_early(job).then(|| ContentId::from_digest(job.checkpoint).to_string());

    let fields = json!({
        "seconds_left": time_left.0,
        "heartbeat_at": job.heartbeat_at,
        "checkpoint": checkpoint,
    });
    Ok(fields.as_object().cloned().unwrap_or_default())
}

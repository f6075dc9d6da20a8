//! A job's account as JSON.

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use serde_json::{Value, json};
use solana_address::Address;

use super::{
    cost::JobCost,
    words::{kind_name, reason_name, state_name},
};

/// Returns the fields that `show` and `list` print.
pub fn job_to_json(address: &Address, job: &Job, cost: &JobCost) -> Value {
    let mut value = json!({
        "job": address.to_string(),
        "state": state_name(job),
        "reason": reason_name(job),
        "market": job.market.to_string(),
        "kind": kind_name(job),
        "private": job.is_private != 0,
        "node": (job.node != Address::default()).then(|| job.node.to_string()),
        "definition": content_text(job.definition),
        "result": content_text(job.result),
        "timeout_seconds": job.timeout_seconds,
        "price_per_second": job.price_per_second,
        "escrow": job.escrow,
        "payer_credit": job.payer_credit,
        "progress_bps": job.progress_bps,
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "listed_at": job.listed_at,
        "started_at": job.started_at,
        "submitted_at": job.submitted_at,
        "settled_at": job.settled_at,
    });

    if let Some(fields) = value.as_object_mut() {
        fields.extend(cost.to_json());
    }
    value
}

/// The identifier of content as text; `None` if the job does not name it yet.
pub fn content_text(digest: [u8; 32]) -> Option<String> {
    (digest != [0; 32]).then(|| ContentId::from_digest(digest).to_string())
}

//! Batch jobs: following them, and printing their results.

use anyhow::{Result, bail, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::job::Reason;
use serde_json::json;
use solana_address::Address;

use super::{
    answer::Answer,
    command_logs::{LogOptions, show_command_logs},
    output::print_output,
    updates::follow_updates,
    words::reason_name,
};
use crate::commands::{context::CliContext, values::print_json};

/// Follows the job to its end, and prints what it produced.
pub async fn follow_and_print(ctx: &CliContext, address: Address, as_json: bool) -> Result<()> {
    let job = follow_batch(ctx, address).await?;
    let answer = Answer::load(&ctx.store, address, &job)?;

    if as_json {
        return print_json(&json!({
            "job": address.to_string(),
            "result": answer.result_id.to_string(),
            "outputs": answer.outputs_to_json()?,
            "cost": answer.cost.to_json(),
        }));
    }

    let mut has_succeeded = true;
    if answer.has_commands() {
        has_succeeded = show_command_logs(&ctx.store, &answer, LogOptions::default())?;
    }
    for part in answer.parts().filter(|part| !part.is_command()) {
        print_output(&part)?;
        has_succeeded &= part.output.is_some();
    }
    ensure!(
        has_succeeded,
        "an operation failed on the node, or did not leave an artifact; \
         `nosana job logs {address}` prints this again"
    );
    Ok(())
}

/// Follows the job to its end. Fails if it ends without a result.
pub async fn follow_batch(ctx: &CliContext, address: Address) -> Result<Job> {
    let job = follow_updates(ctx, address, async |_| Ok(())).await?;

    ensure_completed(&job)?;
    Ok(job)
}

/// Fails if the job, which is settled, has no result.
pub fn ensure_completed(job: &Job) -> Result<()> {
    if Reason::from_byte(job.reason) != Some(Reason::Completed) {
        let reason = reason_name(job);
        bail!("the job ended without a result: {reason}; the unearned deposit was refunded");
    }
    Ok(())
}

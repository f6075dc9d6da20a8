//! Batch jobs: following them, and printing their results.

use anyhow::Result;
use nosana_client::jobs::accounts::Job;
use serde_json::json;
use solana_address::Address;

use super::{
    answer::Answer,
    auto_accept::accept_if_sound,
    command_logs::{LogOptions, show_command_logs},
    output::print_output,
    updates::follow_updates,
    verdict::{Verdict, ensure_completed},
};
use crate::commands::{context::CliContext, values::print_json};

/// Follows the job to its end, and prints what it produced.
pub async fn follow_and_print(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<()> {
    let job = follow_batch(ctx, address, options).await?;
    let answer = Answer::load(&ctx.store, address, &job)?;
    let verdict = Verdict::from_answer(&answer);

    if options.as_json {
        print_json(&json!({
            "job": address.to_string(),
            "succeeded": verdict.has_succeeded(),
            "exit_code": verdict.exit_code(),
            "result": answer.result_id.to_string(),
            "outputs": answer.outputs_to_json()?,
            "cost": answer.cost.to_json(),
        }))?;
        return verdict.ensure_success(&address);
    }

    if answer.has_commands() {
        show_command_logs(&ctx.store, &answer, options)?;
    }
    for part in answer.parts().filter(|part| !part.is_command()) {
        print_output(&part)?;
    }
    verdict.ensure_success(&address)
}

/// Follows the job to its end, and accepts its result if that is sound. Fails if the job ends
/// without a result.
pub async fn follow_batch(
    ctx: &CliContext,
    address: Address,
    options: LogOptions<'_>,
) -> Result<Job> {
    let on_update = async |job: &Job| match options.keeps_window {
        true => Ok(()),
        false => accept_if_sound(ctx, address, job).await,
    };
    let job = follow_updates(ctx, address, on_update).await?;

    ensure_completed(&address, &job, options.as_json)?;
    Ok(job)
}

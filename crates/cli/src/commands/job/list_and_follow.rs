//! Listing a job and following it: what commands that list one share.

use anyhow::Result;
use nosana_job_spec::JobDefinition;
use nosana_protocol::job::Kind;

use super::{
    check_means::CheckPlan,
    command_logs::LogOptions,
    follow::follow_job,
    listing::{ListingOptions, list_job},
    twin::announce_twins,
};

/// Lists the job. With `--wait`, follows it and prints its result. `check`: how its result is
/// checked before it is paid.
pub async fn list_and_follow(
    definition: &JobDefinition,
    options: &ListingOptions,
    kind: Kind,
    check: Option<CheckPlan>,
) -> Result<()> {
    let ctx = options.connect().await?;
    if let Some(plan) = check {
        announce_twins(&ctx, definition, options, plan.means).await?;
    }

    let job = list_job(&ctx, definition, options, kind).await?;
    if options.wait {
        let log_options = LogOptions {
            as_json: options.connection.is_json(),
            keeps_window: options.no_accept,
            check,
            ..LogOptions::default()
        };
        follow_job(&ctx, job, log_options).await?;
    }
    Ok(())
}

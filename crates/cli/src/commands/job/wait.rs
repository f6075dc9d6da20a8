//! `nosana job wait`: follow one job.

use anyhow::Result;

use super::{follow::follow_job, options::JobOptions};

/// Waits for the job's end and prints its result.
pub async fn wait_for_job(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;

    follow_job(&ctx, options.job, options.connection.is_json()).await
}

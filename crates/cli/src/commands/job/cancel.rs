//! `nosana job cancel`: take a waiting job out of the queue.

use anyhow::{Result, bail};
use nosana_client::actions;

use super::{
    options::JobOptions,
    settlement::{ensure_unsettled, report_settlement},
    words::describe_state,
};

/// Cancels a job that waits in the queue.
pub async fn cancel_job(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;

    let queue = ctx.session.fetch_queue(&job.market).await?;
    let Some(cell) = queue.find_cell(&options.job) else {
        ensure_unsettled(&job)?;
        bail!(
            "the job does not wait in the queue: it is {}; \
             `nosana job stop` ends a job that runs or that a node has taken",
            describe_state(&job)
        );
    };

    let receipt = ctx.send(actions::cancel(options.job, &job, cell)).await?;
    report_settlement(&options.job, &receipt, options.connection.is_json())
}

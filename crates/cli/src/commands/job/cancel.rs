//! `nosana job cancel`: take a waiting job out of the queue.

use anyhow::{Result, bail};
use nosana_client::actions;
use nosana_protocol::job::State;

use super::{
    options::JobOptions,
    settlement::{ensure_unsettled, report_settlement},
    words::describe_state,
};

/// The cell that a matched job names: it has none, and the program reads none.
pub const NO_CELL: u32 = u32::MAX;

/// Cancels a job that waits in the queue. Asks that a matched job is settled if it comes back.
pub async fn cancel_job(options: JobOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let job = ctx.fetch_job(&options.job).await?;
    let as_json = options.connection.is_json();

    if job.state == State::Matched as u8 {
        let receipt = ctx.send(actions::cancel(options.job, &job, NO_CELL)).await?;
        eprintln!(
            "the job is matched with a node: it ends as cancelled if that node does not start it, \
             or fails to run it"
        );
        return report_settlement(&options.job, &receipt, as_json);
    }

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
    report_settlement(&options.job, &receipt, as_json)
}

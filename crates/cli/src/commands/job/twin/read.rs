//! Reading results and definitions of jobs.

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_worker::{ResultReading, read_result};
use solana_address::Address;
use tokio::{task::spawn_blocking, time::Instant};

use crate::commands::{
    context::CliContext,
    job::{check_request::CheckRequest, content::read_definition},
};

/// Reads the result of the checked job or of a twin, until `read_by`.
pub async fn read_result_of(
    request: &CheckRequest<'_>,
    address: &Address,
    job: &Job,
    read_by: Instant,
) -> Result<ResultReading> {
    let store = request.ctx.job_store(address, job)?;
    let cancel = request.cancel.clone();
    let job = *job;

    let reading = spawn_blocking(move || read_result(&store, &job, read_by.into_std(), &cancel));
    reading.await.context("reading the result crashed")?
}

/// Reads the definition of a job.
pub async fn fetch_definition(
    ctx: &CliContext,
    address: &Address,
    job: &Job,
) -> Result<JobDefinition> {
    let store = ctx.job_store(address, job)?;
    let id = ContentId::from_digest(job.definition);

    let reading = spawn_blocking(move || read_definition(&store, &id));
    reading.await.context("reading the definition crashed")?
}

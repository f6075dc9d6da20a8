//! Computes a result again without the market: runs the same definition into a separate store.

use std::time::Instant;

use anyhow::{Context, Result};
use nosana_engine::ModelStore;
use nosana_job_spec::{ContentId, EMBEDDING_BOUND, JobResult};
use nosana_store::Store;
use nosana_worker::{CancelToken, Executor};
use tokio::task::spawn_blocking;

use super::{DemoConfig, driver::FinishedJob, outputs::JobOutputs};
use crate::{checks::Checks, format::format_difference, report::Recomputed, wait};

/// Runs the job with the most texts again, and compares by value: correct GPUs differ in the last
/// bits.
pub async fn recompute_largest_job(
    config: &DemoConfig,
    jobs: &[FinishedJob],
    store: &Store,
    checks: &mut Checks,
) -> Result<Recomputed> {
    let largest = jobs.iter().max_by_key(|job| job.report.inputs.len());
    let job = largest.context("no job was finished")?;
    let number = job.report.number;

    let definition = job.definition;
    let result = ContentId::from_digest(job.account.result);
    let store = store.clone();
    let task = spawn_blocking(move || recompute_job(definition, result, &store));
    let doing = format!("running job {number} again");
    let recomputed = wait::with_timeout(config.patience, doing, async { task.await? }).await?;
    let recomputed = Recomputed { job: number, ..recomputed };

    let difference = format_difference(recomputed.max_difference);
    let bound = recomputed.bound;
    checks.record_claim(
        "A result computed without the market has the same values",
        recomputed.max_difference <= bound && recomputed.same_tokens,
        format!(
            "job {number}: the largest difference of a vector is {difference}, the bound \
             {bound:.0e}; the answer's tokens are {}",
            if recomputed.same_tokens { "equal" } else { "not equal" }
        ),
    );
    Ok(recomputed)
}

fn recompute_job(definition: ContentId, result: ContentId, store: &Store) -> Result<Recomputed> {
    let begun = Instant::now();
    let scratch = tempfile::tempdir().context("cannot create a temporary folder")?;
    let separate_store = Store::open(scratch.path())?;

    let again = Executor::open(ModelStore::in_user_cache()?)?.run(
        &store.get_definition(&definition)?,
        definition,
        &separate_store,
        &CancelToken::default(),
    )?;

    let before: JobResult = store.get_json(&result)?;
    let before = JobOutputs::load(&before, store)?;
    let again = JobOutputs::load(&again, &separate_store)?;
    let comparison = before.embeddings.agrees_with(&again.embeddings, EMBEDDING_BOUND);
    Ok(Recomputed {
        job: 0,
        vectors: again.embeddings.embeddings.len(),
        same_tokens: before.answers.agrees_with(&again.answers),
        max_difference: comparison.max_difference,
        bound: EMBEDDING_BOUND,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

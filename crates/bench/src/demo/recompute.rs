//! A result without the marketplace: the same definition, run again, into a store of its own.

use std::time::Instant;

use anyhow::{Context, Result};
use nosana_engine::ModelStore;
use nosana_job_spec::{ContentId, EMBEDDING_BOUND, EmbeddingOutput, JobDefinition, JobResult};
use nosana_store::{MAX_JSON_BYTES, Store};
use nosana_worker::{Cancel, Executor};
use tokio::task::spawn_blocking;

use super::{DemoConfig, market::Finished, wait};
use crate::{checks::Checks, format::difference, report::Recomputed};

/// Runs the job with the most texts again, and compares by value: honest GPUs differ in the last
/// bits.
pub async fn run(
    config: &DemoConfig,
    jobs: &[Finished],
    store: &Store,
    checks: &mut Checks,
) -> Result<Recomputed> {
    let job = jobs.iter().max_by_key(|job| job.report.inputs.len()).context("there is no job")?;
    let number = job.report.number;
    let result = ContentId::from_digest(job.account.result);
    let (definition, store) = (job.definition, store.clone());
    let again = spawn_blocking(move || recompute(definition, result, &store));
    let again = wait::within(config.patience, format!("running job {number} again"), async {
        again.await?
    })
    .await?;
    let recomputed = Recomputed { job: number, ..again };
    let (largest, bound) = (recomputed.max_difference, recomputed.bound);
    let detail = format!(
        "job {number}: the largest difference is {}, the bound {bound:.0e}",
        difference(largest)
    );
    checks.that(
        "A result computed without the marketplace is the same, by value",
        largest <= bound,
        detail,
    );
    Ok(recomputed)
}

fn recompute(definition: ContentId, result: ContentId, store: &Store) -> Result<Recomputed> {
    let begun = Instant::now();
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let apart = Store::open(scratch.path())?;
    let asked = JobDefinition::from_json(&store.get(&definition, MAX_JSON_BYTES)?)?;
    let again = Executor::open(ModelStore::in_user_cache()?)?.run(
        &asked,
        definition,
        &apart,
        &Cancel::default(),
    )?;
    let before: JobResult = store.get_json(&result)?;
    let (before, again) = (output(&before, store)?, output(&again, &apart)?);
    let comparison = before.agrees_with(&again, EMBEDDING_BOUND);
    Ok(Recomputed {
        job: 0,
        vectors: again.embeddings.len(),
        max_difference: comparison.max_difference,
        bound: EMBEDDING_BOUND,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// The vectors of a result's only operation.
fn output(result: &JobResult, store: &Store) -> Result<EmbeddingOutput> {
    let operation = result.ops.first().context("the result has no operation")?;
    let failed =
        || operation.error.clone().unwrap_or_else(|| "the operation has no output".to_owned());
    Ok(store.get_json(&operation.output.with_context(failed)?)?)
}

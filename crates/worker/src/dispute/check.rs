//! A client computes a result on its own machine before it pays.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nosana_client::jobs::accounts::Job;
use nosana_engine::sketch_seed;
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_protocol::job::Kind;
use nosana_sandbox::CancelToken;
use nosana_store::Store;
use solana_address::Address;

use super::case::read_until;
use crate::execute::{Claim, Examination, Executor, Precedence};

/// The parts of the time that is left in which to get the model and the result, and in which to
/// end: the rest is for a challenge.
const READING_SHARE: (u32, u32) = (1, 2);
const CHECKING_SHARE: (u32, u32) = (9, 10);
/// The part of the time that is left once the model is there in which to read the result in any
/// case: a result is not withheld if nobody had the time to read it.
const LATE_READING_SHARE: (u32, u32) = (1, 4);

/// What a client finds out about a result.
#[derive(Debug)]
pub enum CheckedResult<Found> {
    /// It was computed again.
    Examined(Found),
    /// It cannot be had, and this machine is not the reason.
    Withheld(String),
}

/// Computes the result of a verified job again, whose challenge window ends at `window_end`. Finds
/// why it is wrong; nothing if it is right. Tries to read the result for half of the time that is
/// left: a node could show it once the client has given up. Ends early when it is cancelled. Blocks
/// this thread.
///
/// # Errors
/// If this machine cannot read its definition or compute it, or not in time.
pub fn check_result(
    executor: &Executor,
    store: &Store,
    job: &Job,
    window_end: Instant,
    cancel: &CancelToken,
) -> Result<CheckedResult<Vec<String>>> {
    examine_job(executor, store, job, window_end, cancel, |definition, claim, cancel| {
        executor.examine_outputs(definition, claim, Precedence::InOrder, cancel)
    })
}

/// Like [`check_result`], and also sketches the work on the job with this address. Reads each text
/// twice instead of once.
///
/// # Errors
/// If this machine cannot read its definition or compute it, or not in time.
pub fn check_and_sketch(
    executor: &Executor,
    store: &Store,
    address: &Address,
    job: &Job,
    window_end: Instant,
    cancel: &CancelToken,
) -> Result<CheckedResult<Examination>> {
    let seed = sketch_seed(address.as_array(), &job.result);
    examine_job(executor, store, job, window_end, cancel, |definition, claim, cancel| {
        executor.examine_claim(definition, claim, &seed, Precedence::InOrder, cancel)
    })
}

/// Reads the result of a verified job, and lets `examine` compute it again.
fn examine_job<Found>(
    executor: &Executor,
    store: &Store,
    job: &Job,
    window_end: Instant,
    cancel: &CancelToken,
    examine: impl FnOnce(&JobDefinition, &Claim, &CancelToken) -> Result<Found>,
) -> Result<CheckedResult<Found>> {
    ensure!(
        job.to_terms().kind == Kind::VerifiedBatch,
        "the job is not verified: list it with `--verified`"
    );
    let now = Instant::now();
    let left = window_end.saturating_duration_since(now);
    let [read_by, end] = [READING_SHARE, CHECKING_SHARE].map(|(part, of)| now + left * part / of);

    let id = ContentId::from_digest(job.definition);
    let definition = store.get_definition(&id).context("cannot read the job's definition")?;
    definition.validate_verified()?;
    let _reservation = executor.reserve_if_runnable(&definition, store, read_by, cancel)?;

    let read_by = extend_reading(read_by, Instant::now(), window_end);
    let claim = match read_until(store, job, &definition, read_by, cancel) {
        Ok(claim) => claim,
        Err(error) if error.is_own_trouble() => {
            return Err(error).context("cannot read the result");
        }
        Err(error) => return Ok(CheckedResult::Withheld(error.to_string())),
    };
    examine(&definition, &claim, &cancel.ending_at(end)).map(CheckedResult::Examined)
}

/// Returns until when to read a result whose model is there since `now`.
fn extend_reading(read_by: Instant, now: Instant, window_end: Instant) -> Instant {
    let (part, of) = LATE_READING_SHARE;
    read_by.max(now + window_end.saturating_duration_since(now) * part / of)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, ModelStore};
    use nosana_job_spec::{EmbeddingOutput, InferenceArgs, JobResult, Operation, Task};
    use nosana_sandbox::SandboxConfig;

    use super::*;
    use crate::{LiveRun, zeroed_accounts::zeroed_job};

    /// A verified job whose result this machine computed.
    struct Site {
        executor: Executor,
        store: Store,
        definition: JobDefinition,
        result: JobResult,
        _folder: tempfile::TempDir,
    }

    impl Site {
        fn new() -> Self {
            let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
            let models = ModelStore::in_user_cache().unwrap();
            let executor = Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).unwrap();

            let texts = ["A cat sits on a mat.", "The dog chased the ball."];
            let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, texts);
            let operation = Operation::InferenceRun { id: "embed".into(), args };
            let definition = JobDefinition::new(vec![operation]);
            let id = store.put_json(&definition).unwrap();
            let run = LiveRun::batch(&definition);
            let never = CancelToken::default();
            let result =
                executor.execute_definition(&definition, id, &store, &never, &run).unwrap();
            Self { executor, store, definition, result, _folder: folder }
        }

        fn job_with(&self, result: [u8; 32]) -> Job {
            let definition = self.result.definition.digest();
            Job { kind: Kind::VerifiedBatch as u8, definition, result, ..zeroed_job() }
        }

        /// A result with this output.
        fn result_of(&self, output: ContentId) -> JobResult {
            let mut result = self.result.clone();
            result.ops[0].output = Some(output);
            result
        }

        fn check(&self, job: &Job, window: Duration) -> CheckedResult<Vec<String>> {
            let end = Instant::now() + window;
            check_result(&self.executor, &self.store, job, end, &CancelToken::default()).unwrap()
        }
    }

    #[test]
    fn a_check_finds_the_same_with_and_without_a_sketch() {
        let site = Site::new();
        let window = Duration::from_secs(300);
        let own = site.result.ops[0].output.unwrap();
        let mut vectors: EmbeddingOutput = site.store.get_json(&own).unwrap();
        vectors.embeddings.swap(0, 1);
        let swapped = site.store.put_json(&vectors).unwrap();

        let address = Address::new_from_array([5; 32]);
        let never = CancelToken::default();
        let mut sketches = Vec::new();
        for (output, count) in [(own, 0), (swapped, 1)] {
            let result = site.result_of(output);
            // A node sketches its work before it stores the result.
            let sketch = site
                .executor
                .sketch_work(&site.definition, &result, &site.store, address.as_array(), &never)
                .unwrap();
            let job = site.job_with(site.store.put_json(&result).unwrap().digest());
            let CheckedResult::Examined(faults) = site.check(&job, window) else {
                panic!("it is in the store")
            };
            assert_eq!(faults.len(), count, "{faults:?}");

            let end = Instant::now() + window;
            let (executor, store) = (&site.executor, &site.store);
            let both = check_and_sketch(executor, store, &address, &job, end, &never).unwrap();
            let CheckedResult::Examined(examination) = both else { panic!("{both:?}") };
            assert_eq!(examination, Examination { sketch, faults });
            sketches.push(sketch);
        }
        // The same texts, in other directions.
        let distance = sketches[0].distance(&sketches[1]);
        assert!((80..176).contains(&distance), "{distance}");
    }

    #[test]
    fn a_model_that_comes_late_leaves_time_to_read() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(extend_reading(at(300), at(10), at(600)), at(300), "half of the time");
        assert_eq!(extend_reading(at(300), at(300), at(600)), at(375), "a quarter of the rest");
        assert_eq!(extend_reading(at(300), at(600), at(600)), at(600), "no time is left");
    }

    #[test]
    fn a_result_that_cannot_be_had_is_withheld() {
        let site = Site::new();
        let checked = site.check(&site.job_with([9; 32]), Duration::from_secs(2));
        assert!(matches!(checked, CheckedResult::Withheld(_)), "{checked:?}");
    }
}

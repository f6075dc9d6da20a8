use std::sync::atomic::{AtomicU32, Ordering};

use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, ModelStore};
use nosana_job_spec::{InferenceArgs, Operation, Task};
use nosana_sandbox::SandboxConfig;
use nosana_store::FileSource;

use super::*;
use crate::zeroed_accounts::zeroed_job;

/// Other machines, which this one can ask at the third time only. They have nothing.
#[derive(Debug, Default)]
struct Others(AtomicU32);

impl FileSource for Others {
    fn fetch_file(
        &self,
        _: &Store,
        id: &ContentId,
        _: u64,
        _: Option<Instant>,
    ) -> Result<(), StoreError> {
        let problem = String::new();
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err(StoreError::Unable { id: *id, problem }),
            _ => Err(StoreError::Source { id: *id, problem }),
        }
    }
}

#[test]
fn what_the_last_attempt_meets_does_not_hide_trouble_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let others = Arc::new(Others::default());
    let source = Arc::clone(&others) as Arc<dyn FileSource>;
    let store = Store::open(folder.path()).unwrap().with_source(source);
    let definition = JobDefinition::new(Vec::new());

    let until = Instant::now() + RETRY_DELAY * 5 / 2 + LEAST_ATTEMPT;
    let never = CancelToken::default();
    let error = read_until(&store, &zeroed_job(), &definition, until, &never).unwrap_err();
    assert_eq!(others.0.load(Ordering::Relaxed), 3);
    assert!(error.is_own_trouble(), "{error}");
}

#[test]
fn a_model_that_is_not_on_this_machine_is_not_fetched_for_another_market() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("store")).unwrap();
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, ["a text"]);
    let operation = Operation::InferenceRun { id: "embed".into(), args };
    let id = store.put_json(&JobDefinition::new(vec![operation])).unwrap();
    let job = Job { definition: id.digest(), ..zeroed_job() };

    let fetch = |models: ModelStore| {
        let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
        let executor = Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap();
        let never = CancelToken::default();
        fetch_definition(&job, &store, &executor, ModelOrigin::Cache, &never).map(drop)
    };
    let models = ModelStore::in_user_cache().unwrap();
    models.ensure(&ALL_MINILM_L6_V2).unwrap();
    fetch(models).unwrap();

    let empty = folder.path().join("models");
    let error = format!("{:#}", fetch(ModelStore::at(&empty)).unwrap_err());
    assert!(error.contains("is not on this machine"), "{error}");
    assert!(!empty.exists(), "nothing was downloaded");
}

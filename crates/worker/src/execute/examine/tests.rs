//! What is read of texts, by what is examined.

use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, ModelStore};
use nosana_sandbox::SandboxConfig;

use super::*;

#[test]
fn texts_are_read_for_a_sketch_only_if_it_is_needed() {
    let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
    let models = ModelStore::in_user_cache().unwrap();
    let executor = Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap();
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, ["a text"]);
    let operation = Operation::InferenceRun { id: "embed".into(), args };
    let definition = JobDefinition::new(vec![operation]);
    let claim = Claim::longest(&definition);

    for (depth, is_sketched, faults) in
        [(Depth::Work, true, 0), (Depth::Outputs, true, 1), (Depth::OutputsAlone, false, 1)]
    {
        let never = CancelToken::default();
        let evidence = executor.examine(&definition, &claim, depth, &never).unwrap();
        let has_states = evidence.states.as_slice().iter().any(|states| !states.is_empty());
        assert_eq!((has_states, evidence.faults.len()), (is_sketched, faults), "{depth:?}");
    }
}

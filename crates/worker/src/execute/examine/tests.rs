//! What is read of texts, by what is examined.

use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, ModelStore};
use nosana_sandbox::SandboxConfig;

use super::*;

fn open_executor() -> Executor {
    let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
    let models = ModelStore::in_user_cache().unwrap();
    Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap()
}

fn embedding_of(text: &str) -> JobDefinition {
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, [text]);
    JobDefinition::new(vec![Operation::InferenceRun { id: "embed".into(), args }])
}

#[test]
fn texts_are_read_for_a_sketch_only_if_it_is_needed() {
    let executor = open_executor();
    let definition = embedding_of("a text");
    let claim = Claim::longest(&definition);

    for (depth, is_sketched, faults) in
        [(Depth::Work, true, 0), (Depth::Outputs, true, 1), (Depth::OutputsAlone, false, 1)]
    {
        let never = CancelToken::default();
        let evidence =
            executor.examine(&definition, &claim, depth, Precedence::InOrder, &never).unwrap();
        let has_states = evidence.states.as_slice().iter().any(|states| !states.is_empty());
        assert_eq!((has_states, evidence.faults.len()), (is_sketched, faults), "{depth:?}");
    }
}

#[test]
fn a_failure_with_a_text_that_no_model_reads_is_not_a_fault() {
    let executor = open_executor();
    let failed = Claim::without_outputs("it failed".to_owned());
    for (text, is_readable) in [("a text".to_owned(), true), ("word ".repeat(1_000), false)] {
        let definition = embedding_of(&text);
        for depth in [Depth::Outputs, Depth::OutputsAlone] {
            let never = CancelToken::default();
            let faults = executor
                .examine(&definition, &failed, depth, Precedence::InOrder, &never)
                .map(|it| it.faults);
            assert_eq!(faults.is_ok(), is_readable, "{depth:?}: {faults:?}");
            assert!(faults.is_err() || faults.is_ok_and(|faults| faults == ["it failed"]));
        }
    }
}

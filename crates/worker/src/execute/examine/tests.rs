//! What is read of texts, by what is examined, and which sketches votes carry.

use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, ModelStore, SMOLLM2_135M_INSTRUCT};
use nosana_protocol::dispute::sketch::AGREE_BITS;
use nosana_sandbox::SandboxConfig;

use super::*;
use crate::LiveRun;

const SEED: [u8; 32] = [7; 32];

fn open_executor() -> Executor {
    let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0])).unwrap();
    let models = ModelStore::in_user_cache().unwrap();
    Executor::with_sandbox(gpus, models, SandboxConfig::default()).unwrap()
}

fn embedding_of(text: &str) -> JobDefinition {
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, [text]);
    JobDefinition::new(vec![Operation::InferenceRun { id: "embed".into(), args }])
}

fn question(text: &str) -> JobDefinition {
    let model = SMOLLM2_135M_INSTRUCT.digest();
    let mut args = InferenceArgs::new(model, Task::Generation, [text]);
    args.max_tokens = Some(16);
    JobDefinition::new(vec![Operation::InferenceRun { id: "ask".into(), args }])
}

fn agree(one: &Sketch, other: &Sketch) -> bool {
    one.distance(other) <= AGREE_BITS
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

#[test]
fn votes_for_wrong_agree_whatever_their_panelists_have_read() {
    let executor = open_executor();
    let definition = question("What is the capital of France?");
    let (order, never) = (Precedence::InOrder, CancelToken::default());
    let inputs = executor.sketch_inputs(&definition, &SEED, order, &never).unwrap();
    let unread = Claim::without_outputs("it cannot be had".to_owned());
    let read = Claim::longest(&definition);

    for (claim, known) in
        [(&unread, None), (&read, None), (&unread, Some(inputs)), (&read, Some(inputs))]
    {
        let judged = executor.judge_claim(&definition, claim, &SEED, known, order, &never);
        let Examination { sketch, faults } = judged.unwrap();
        assert!(!faults.is_empty());
        assert!(agree(&sketch, &inputs), "{} bits differ", sketch.distance(&inputs));
    }
    let work = executor.examine_claim(&definition, &read, &SEED, order, &never).unwrap();
    assert!(!agree(&work.sketch, &inputs), "with the answer it is another one");
}

#[test]
fn a_vote_for_right_agrees_with_the_trace() {
    let executor = open_executor();
    let definition = question("What is the capital of France?");
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let id = store.put_json(&definition).unwrap();
    let (order, never) = (Precedence::InOrder, CancelToken::default());
    let run = LiveRun::batch(&definition);
    let result = executor.execute_definition(&definition, id, &store, &never, &run).unwrap();

    // The node does not store its result before it has the sketch.
    let trace = executor.sketch_work(&definition, &result, &store, &[9; 32], &never).unwrap();
    let seed = sketch_seed(&[9; 32], &store.put_json(&result).unwrap().digest());
    let inputs = executor.sketch_inputs(&definition, &seed, order, &never).unwrap();
    let claim = Claim::of_result(&definition, &result, &store).unwrap();
    let judged = executor.judge_claim(&definition, &claim, &seed, Some(inputs), order, &never);
    let Examination { sketch, faults } = judged.unwrap();
    assert_eq!(faults, [""; 0]);
    assert!(agree(&sketch, &trace) && !agree(&sketch, &inputs));
}

#[test]
fn the_votes_about_vectors_have_one_sketch() {
    let executor = open_executor();
    let definition = embedding_of("a text");
    let (order, never) = (Precedence::InOrder, CancelToken::default());
    let inputs = executor.sketch_inputs(&definition, &SEED, order, &never).unwrap();
    let longest = Claim::longest(&definition);
    // What is known is not computed again.
    let other = Sketch([1; 32]);

    for (known, expected) in [(None, inputs), (Some(other), other)] {
        let judged = executor.judge_claim(&definition, &longest, &SEED, known, order, &never);
        let Examination { sketch, faults } = judged.unwrap();
        assert_eq!((sketch, faults.len()), (expected, 1), "{faults:?}");
    }
}

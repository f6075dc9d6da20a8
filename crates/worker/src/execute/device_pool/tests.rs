//! A pool with two devices, both on the CPU.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use nosana_engine::{ALL_MINILM_L6_V2, Device, DeviceChoice, DeviceInfo, DeviceKind, ModelStore};
use nosana_job_spec::{
    EMBEDDING_BOUND, EmbeddingOutput, InferenceArgs, JobDefinition, Operation, Task,
};
use nosana_sandbox::{CancelToken, SandboxConfig};
use nosana_store::Store;

use super::{DeviceLease, POLL_INTERVAL, Precedence, engine_info, uses::Sharing};
use crate::{
    Executor, LiveRun,
    execute::{Claim, depends_on_claim},
};

/// The first device of this machine twice.
fn two_devices() -> Executor {
    let gpus = Device::open_chosen(&DeviceChoice::Numbers(vec![0, 0])).unwrap();
    let models = ModelStore::in_user_cache().unwrap();
    Executor::with_sandbox(gpus, models, SandboxConfig::from_env().unwrap()).unwrap()
}

fn embedding_job(sentences: &[&str]) -> JobDefinition {
    let inputs = sentences.iter().copied();
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs);
    JobDefinition::new(vec![Operation::InferenceRun { id: "embed".into(), args }])
}

fn lease_alone<'a>(
    executor: &'a Executor,
    cancel: &CancelToken,
) -> anyhow::Result<DeviceLease<'a>> {
    executor.devices.lease_device(Sharing::Alone, Precedence::InOrder, cancel)
}

#[test]
fn two_jobs_run_at_the_same_time_on_two_devices() {
    let executor = two_devices();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    executor.warm_up().unwrap();
    let run = |definition: &JobDefinition| -> EmbeddingOutput {
        let id = store.put_json(definition).unwrap();
        let never = CancelToken::default();
        let result = executor
            .execute_definition(definition, id, &store, &never, &LiveRun::batch(definition))
            .unwrap();
        assert_eq!(result.engine.device, executor.gpus().next().unwrap().info().name);
        store.get_json(&result.ops[0].output.unwrap()).unwrap()
    };
    let [cats, dogs] = [
        embedding_job(&["A cat sits on a mat."; 2]),
        embedding_job(&["The dog chased the ball."; 2]),
    ];

    // Each device alone, the other one leased: the output does not depend on the device.
    let never = CancelToken::default();
    let on_first = [run(&cats), run(&dogs)];
    let first = lease_alone(&executor, &never).unwrap();
    assert_eq!(first.index, 0);
    let on_second = [run(&cats), run(&dogs)];
    drop(first);
    for (one, other) in on_first.iter().zip(&on_second) {
        assert!(one.agrees_with(other, EMBEDDING_BOUND).agrees, "the devices disagree");
    }
    assert!(
        !on_first[0].agrees_with(&on_first[1], EMBEDDING_BOUND).agrees,
        "different inputs gave equal vectors"
    );

    // Both at once.
    let both = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    let together = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                let all_used = executor.devices.lock_uses().are_used().all(|used| used);
                both.fetch_or(all_used, Ordering::AcqRel);
                thread::sleep(Duration::from_millis(1));
            }
        });
        let running = [&cats, &dogs].map(|definition| scope.spawn(move || run(definition)));
        let outputs = running.map(|thread| thread.join());
        done.store(true, Ordering::Release);
        outputs.map(Result::unwrap)
    });
    assert!(both.load(Ordering::Acquire), "one waited for the other");
    for (one, other) in on_first.iter().zip(&together) {
        assert!(
            one.agrees_with(other, EMBEDDING_BOUND).agrees,
            "a busy device beside it changes the vectors"
        );
    }
    assert!(
        executor.devices.lock_uses().are_used().all(|used| !used),
        "a device was not given back"
    );
}

#[test]
fn a_third_job_waits_and_can_be_cancelled() {
    let executor = two_devices();
    let never = CancelToken::default();
    let first = lease_alone(&executor, &never).unwrap();
    let second = lease_alone(&executor, &never).unwrap();
    let cancel = CancelToken::default();
    thread::scope(|scope| {
        let third = scope.spawn(|| lease_alone(&executor, &cancel).map(|lease| lease.index));
        thread::sleep(POLL_INTERVAL * 2);
        assert!(!third.is_finished());
        drop(second);
        assert_eq!(third.join().unwrap().unwrap(), 1);

        let second = lease_alone(&executor, &never).unwrap();
        let begun = Instant::now();
        let fourth = scope.spawn(|| lease_alone(&executor, &cancel).map(|lease| lease.index));
        cancel.cancel();
        assert!(fourth.join().unwrap().unwrap_err().to_string().contains("cancelled"));
        assert!(begun.elapsed() < POLL_INTERVAL * 20);
        drop(second);
    });
    drop(first);
}

#[test]
fn an_examination_ends_at_its_deadline() {
    let executor = two_devices();
    let definition = embedding_job(&["A cat sits on a mat."]);
    let claim = Claim::longest(&definition);
    let first = Precedence::First;
    let examine =
        |cancel: &CancelToken| executor.examine_claim(&definition, &claim, &[7; 32], first, cancel);

    let never = CancelToken::default();
    let examination = examine(&never).unwrap();
    assert!(!examination.faults.is_empty(), "nobody gave that answer");
    let error = examine(&never.ending_at(Instant::now())).unwrap_err();
    assert!(format!("{error:#}").contains("cancelled"), "{error:#}");
    assert!(executor.devices.lock_uses().are_used().all(|used| !used), "a device is kept");
}

#[test]
fn the_sketch_of_texts_does_not_depend_on_the_result() {
    let executor = two_devices();
    let definition = embedding_job(&["A cat sits on a mat.", "The dog chased the ball."]);
    let never = CancelToken::default();
    let seed = [7; 32];
    let order = Precedence::InOrder;
    let examine =
        |claim: &Claim| executor.examine_claim(&definition, claim, &seed, order, &never).unwrap();

    let alone = examine(&Claim::without_outputs("it was not read".to_owned()));
    let longest = Claim::longest(&definition);
    let examination = examine(&longest);
    assert_eq!(alone.sketch, examination.sketch);
    assert!(!depends_on_claim(&definition));

    // What is found without another sketch is the same.
    let faults = executor.examine_outputs(&definition, &longest, order, &never).unwrap();
    assert!(faults.len() == 1 && faults == examination.faults, "{faults:?}");

    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Generation, ["a question"]);
    let ask = Operation::InferenceRun { id: "ask".into(), args };
    let embed = definition.ops.into_iter().next().unwrap();
    assert!(depends_on_claim(&JobDefinition::new(vec![embed, ask])), "one of them is an answer");
}

#[test]
fn a_result_names_each_device_once() {
    let card = |name: &str| DeviceInfo {
        name: name.into(),
        backend: "vulkan".into(),
        kind: DeviceKind::Discrete,
    };
    let one = card("One");
    let other = card("Other");
    assert_eq!(engine_info(vec![&other, &one, &other], Some(&one)).device, "Other + One");
    assert_eq!(engine_info(vec![], Some(&one)).device, "One");
}

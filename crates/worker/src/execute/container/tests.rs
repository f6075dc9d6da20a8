//! Jobs of containers in a real engine, with a real store; on a host without one, their refusal.

mod restarting;
mod served;

use std::{thread, time::Duration};

use nosana_job_spec::{
    CONTAINER_OUTPUT, CommandOutput, JobDefinition, OperationStatus, StepOutput, StepStatus,
    plan_stages,
};
use nosana_store::Store;
use serde_json::{Value, json};

use super::*;
use crate::{execute::container_operations, live_jobs::LiveRun};

#[path = "../../../../container/tests/common/mod.rs"]
mod common;

fn container_job(ops: Value) -> JobDefinition {
    let definition = json!({
        "version": "0.1",
        "type": "container",
        "global": { "image": common::IMAGE },
        "ops": ops
    });
    JobDefinition::from_json(definition.to_string().as_bytes()).unwrap()
}

fn execute(
    definition: &JobDefinition,
    store: &Store,
    cancel: &CancelToken,
    run: &LiveRun,
) -> Vec<OperationResult> {
    let operations = container_operations(definition).unwrap();
    let context = JobContext { store, cancel, run };
    Containers::default().execute_containers(&operations, &plan_stages(&definition.ops), context)
}

fn op(id: &str, line: &str, group: &str, depends_on: &[&str]) -> Value {
    let execution = json!({ "group": group, "depends_on": depends_on });
    json!({ "type": "container/run", "id": id, "args": { "cmd": line }, "execution": execution })
}

fn run(ops: Value) -> Vec<(StepOutput, CommandOutput, String)> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let job = container_job(ops);
    let live = LiveRun::batch(&job);
    let results = execute(&job, &store, &CancelToken::default(), &live);
    let read = |result: &OperationResult| {
        assert_eq!(result.status, OperationStatus::Ok, "{result:?}");
        let output: CommandOutput = store.get_json(&result.output.unwrap()).unwrap();
        assert_eq!(output.steps[0].name, result.id);
        let log = output.steps[0]
            .log
            .map(|log| String::from_utf8(store.get(&log, 1 << 20).unwrap()).unwrap());
        (output.steps[0].clone(), output, log.unwrap_or_default())
    };
    results.iter().map(read).collect()
}

#[test]
fn a_host_without_an_engine_refuses_before_it_runs() {
    let containers = Containers::default();
    let soon = Instant::now() + Duration::from_secs(30);
    let memory = MemoryBudget::new("A card".to_owned(), 1 << 30);
    let mut args = ContainerArgs { image: common::IMAGE.to_owned(), ..ContainerArgs::default() };
    match common::engine() {
        Ok(engine) => {
            containers.check_container(&args, &memory, soon).unwrap();
            let missing = ContainerArgs {
                image: "localhost/nosana-no-such-image:1".to_owned(),
                ..ContainerArgs::default()
            };
            let refusal =
                format!("{:#}", containers.check_container(&missing, &memory, soon).unwrap_err());
            assert!(refusal.contains("nosana-no-such-image:1"), "{refusal}");
            assert!(containers.storage_folder().is_some());
            args.gpu = true;
            assert_eq!(containers.check_container(&args, &memory, soon).is_ok(), engine.has_gpu());
        }
        Err(_) => {
            let refusal =
                format!("{:#}", containers.check_container(&args, &memory, soon).unwrap_err());
            assert!(refusal.contains("this node cannot run containers"), "{refusal}");
            let mends = ["install podman", "NOSANA_CONTAINER_ENGINE=none"];
            assert!(mends.iter().any(|mend| refusal.contains(mend)), "{refusal}");
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path()).unwrap();
            let job = container_job(json!([op("a", "true", "g", &[])]));
            let live = LiveRun::batch(&job);
            let results = execute(&job, &store, &CancelToken::default(), &live);
            assert!(results[0].error.as_ref().unwrap().contains("this node cannot run containers"));
        }
    }
}

#[test]
fn results_are_taken_from_the_log_and_outputs_are_kept() {
    if common::engine().is_err() {
        return;
    }
    let mut op = op(
        "train",
        "echo loss: 0.5; echo loss: 0.25; echo done >&2; echo x > /tmp/model",
        "g",
        &[],
    );
    op["args"]["output"] = json!("/tmp/model");
    op["results"] =
        json!({ "loss": "loss: ([0-9.]+)", "end": { "regex": "done", "logType": ["stderr"] } });
    let ran = run(json!([op]));
    let (step, output, log) = &ran[0];
    // The lines of the two streams come in any order, those of one in theirs.
    let printed: Vec<&str> = log.lines().filter(|line| *line != "done").collect();
    assert!(step.succeeded() && log.contains("done\n"), "{log}");
    assert_eq!(printed, ["loss: 0.5", "loss: 0.25"]);
    assert_eq!(step.log_bytes, log.len() as u64);
    let expected: BTreeMap<String, Vec<String>> =
        [("end", vec!["done"]), ("loss", vec!["0.5", "0.25"])]
            .map(|(k, v)| (k.into(), v.iter().map(|it| it.to_string()).collect()))
            .into();
    assert_eq!(output.results, expected);
    assert!(
        output.left_out.is_empty()
            && output.artifacts[0].path == CONTAINER_OUTPUT
            && output.artifacts[0].size_bytes > 0
    );
}

#[test]
fn results_are_taken_from_each_line() {
    if common::engine().is_err() {
        return;
    }
    let mut op = op("answer", "echo start; echo answer=42 >&2; echo end", "g", &[]);
    op["results"] = json!({
        "starts": "^answer=.*",
        "whole-line": "^answer=[0-9]+$",
        "plain": "answer=([0-9]+)",
        "end": { "regex": "^end$", "logType": ["stderr"] },
    });
    let ran = run(json!([op]));
    let (_, output, _) = &ran[0];
    let found = |name: &str| output.results[name].join(" ");
    assert_eq!(found("starts"), "answer=42");
    assert_eq!(found("whole-line"), "answer=42");
    assert_eq!(found("plain"), "42");
    assert_eq!(found("end"), "", "it is not on that stream");
}

#[test]
fn a_text_is_run_by_the_shell_of_the_entrypoint() {
    if common::engine().is_err() {
        return;
    }
    for entrypoint in [json!(["sh", "-c"]), json!("sh")] {
        let mut op = op("gpt-oss:20b", "echo hello in $PWD; exit 3", "g", &[]);
        op["args"]["entrypoint"] = entrypoint;
        op["args"]["work_dir"] = json!("/home/podman");
        let ran = run(json!([op]));
        let (step, _, log) = &ran[0];
        assert_eq!((step.exit_code, log.as_str()), (Some(3), "hello in /home/podman\n"));
    }
}

#[test]
fn groups_run_in_order_and_their_members_at_once() {
    if common::engine().is_err() {
        return;
    }
    let mut ops = json!([
        op("a", "sleep 3", "first", &[]),
        op("b", "sleep 3", "first", &[]),
        op("c", "echo c", "first", &["a"]),
        op("d", "exit 3", "second", &[]),
        op("e", "echo e", "second", &["d"]),
        op("f", "echo f", "second", &["c"]),
        op("g", "echo g", "third", &[])
    ]);
    let volume = json!([{ "name": "shared", "dest": "/shared" }]);
    ops[0]["args"]["cmd"] = json!("sleep 3; echo given > /shared/it");
    ops[0]["args"]["volumes"] = volume.clone();
    ops[2]["args"]["cmd"] = json!("cat /shared/it");
    ops[2]["args"]["volumes"] = volume;
    let ran = run(ops);
    let steps: Vec<&StepOutput> = ran.iter().map(|(step, ..)| step).collect();
    let [a, b, c, d, e, f, g] = steps[..] else { panic!("{steps:?}") };
    assert!(
        a.started_unix_ms < b.ended_unix_ms && b.started_unix_ms < a.ended_unix_ms,
        "a and b overlap"
    );
    assert!(
        c.started_unix_ms >= a.ended_unix_ms && ran[2].2 == "given\n",
        "c waits for a, and sees its volume"
    );
    assert!(
        [a, b, c].iter().all(|first| d.started_unix_ms >= first.ended_unix_ms),
        "groups do not overlap"
    );
    assert_eq!((d.exit_code, e.status, f.exit_code), (Some(3), StepStatus::Skipped, Some(0)));
    assert_eq!(g.status, StepStatus::Skipped, "a group failed before it");
}

#[test]
fn containers_of_a_service_run_until_it_ends() {
    if common::engine().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let serve = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done";
    let job = container_job(json!([
        op("a", serve, "g", &[]),
        op("b", serve, "g", &[]),
        op("c", "echo c", "h", &[])
    ]));
    let cancel = CancelToken::default();
    let live = LiveRun::service(&job);
    let stopper = cancel.clone();
    let seen = live.clone();
    let stopping = thread::spawn(move || {
        while seen.read_report().1 < 6 {
            thread::sleep(Duration::from_millis(100));
        }
        stopper.request_stop();
    });
    let results = execute(&job, &store, &cancel, &live);
    stopping.join().unwrap();
    let step = |at: usize| {
        store.get_json::<CommandOutput>(&results[at].output.unwrap()).unwrap().steps.remove(0)
    };
    for serving in [step(0), step(1)] {
        assert_eq!(
            (serving.status, serving.exit_code, serving.log_bytes),
            (StepStatus::Stopped, Some(0), 7)
        );
    }
    assert_eq!(step(2).status, StepStatus::Skipped);
}

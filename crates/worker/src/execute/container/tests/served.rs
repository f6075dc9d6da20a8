//! Operations that are stopped once all operations that they serve have ended.

use std::{sync::Mutex, thread::sleep};

use super::*;

/// What an operation does instead of running a container.
type Fake<'a> = dyn Fn(&str, JobContext<'_>) -> StepOutput + Sync + 'a;

/// Runs the one group of a job with `fake` for each container.
fn run_fakes(job: &JobDefinition, cancel: &CancelToken, fake: &Fake<'_>) -> Vec<StepOutput> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let live = LiveRun::batch(job);
    let context = JobContext { store: &store, cancel, run: &live };
    let operations = container_operations(job).unwrap();
    let groups = plan_stages(&job.ops);
    assert_eq!(groups.len(), 1);

    let run = |operation: &ContainerOperation<'_>,
               _: FilledArgs,
               own: JobContext<'_>|
     -> Result<CommandOutput> {
        let step = fake(operation.id, own);
        Ok(CommandOutput { steps: vec![step], ..operation.skipped_output() })
    };
    let mut done: BTreeMap<usize, Done> = BTreeMap::new();
    run_group(&operations, &groups[0], true, &mut done, &run, context);

    let outputs = done.into_values().map(|done| done.result.output.unwrap());
    outputs
        .map(|output| store.get_json::<CommandOutput>(&output).unwrap().steps.remove(0))
        .collect()
}

fn step(id: &str, status: StepStatus, exit_code: u8) -> StepOutput {
    StepOutput { status, exit_code: Some(exit_code), ..StepOutput::skipped(id) }
}

/// A server of two clients, of which the second one waits for the first.
fn served_job() -> JobDefinition {
    let mut server = op("server", "serve", "pair", &["one", "two"]);
    server["execution"]["stop_if_dependent_stops"] = json!(true);
    container_job(json!([op("one", "a", "pair", &[]), op("two", "b", "pair", &["one"]), server]))
}

/// Runs until it is stopped.
fn serve_until_stopped(id: &str, context: JobContext<'_>) -> StepOutput {
    let until = Instant::now() + Duration::from_secs(60);
    while !context.cancel.is_ending() && Instant::now() < until {
        sleep(Duration::from_millis(5));
    }
    step(id, if context.cancel.is_ending() { StepStatus::Stopped } else { StepStatus::Limit }, 143)
}

#[test]
fn a_server_begins_first_and_is_stopped_after_the_last_client() {
    let events: Mutex<Vec<String>> = Mutex::default();
    let record = |event: String| events.lock().unwrap().push(event);
    let fake = |id: &str, context: JobContext<'_>| {
        record(format!("{id} begins"));
        let ended = match id {
            "server" => serve_until_stopped(id, context),
            _ => {
                sleep(Duration::from_millis(20));
                step(id, StepStatus::Exited, 0)
            }
        };
        record(format!("{id} ends"));
        ended
    };
    let cancel = CancelToken::default();
    let steps = run_fakes(&served_job(), &cancel, &fake);

    let statuses = steps.iter().map(|step| step.status).collect::<Vec<_>>();
    assert_eq!(statuses, [StepStatus::Exited, StepStatus::Exited, StepStatus::Stopped]);
    assert!(steps.iter().all(StepOutput::succeeded) && !cancel.is_ending());
    let expected = ["server begins", "one begins", "one ends", "two begins", "two ends"];
    let events = events.into_inner().unwrap();
    assert_eq!(events.len(), 6);
    // The server's thread may be the slower one to say that it begins.
    assert!(events.iter().position(|it| it == "server begins") < Some(3), "{events:?}");
    let clients = |all: &[String]| -> Vec<String> {
        all.iter().filter(|it| !it.starts_with("server")).cloned().collect()
    };
    assert_eq!(clients(&events), expected[1..]);
    assert_eq!(events[5], "server ends");
}

#[test]
fn a_server_whose_first_client_fails_is_stopped_when_the_rest_is_skipped() {
    let fake = |id: &str, context: JobContext<'_>| match id {
        "server" => serve_until_stopped(id, context),
        _ => step(id, StepStatus::Exited, 1),
    };
    let steps = run_fakes(&served_job(), &CancelToken::default(), &fake);
    let [one, two, server] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((one.exit_code, two.status), (Some(1), StepStatus::Skipped));
    assert_eq!(server.status, StepStatus::Stopped);
}

#[test]
fn a_server_that_fails_leaves_its_clients_out() {
    let mut server = op("server", "serve", "pair", &["client"]);
    server["execution"]["stop_if_dependent_stops"] = json!(true);
    let client = op("client", "%%ops.first.results.a%%", "pair", &[]);
    let mut first = op("first", "a", "pair", &[]);
    first["results"] = json!({ "a": "b" });
    let job = container_job(json!([client, server, first]));

    let fake = |id: &str, _: JobContext<'_>| match id {
        "first" => {
            sleep(Duration::from_millis(500));
            step(id, StepStatus::Exited, 0)
        }
        _ => step(id, StepStatus::Exited, 9),
    };
    let steps = run_fakes(&job, &CancelToken::default(), &fake);
    let [client, server, first] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((server.exit_code, client.status), (Some(9), StepStatus::Skipped));
    assert!(first.succeeded());
}

#[test]
fn a_server_ends_with_the_job_too() {
    let cancel = CancelToken::default();
    let fake = |id: &str, context: JobContext<'_>| {
        if id == "one" {
            cancel.request_stop();
        }
        serve_until_stopped(id, context)
    };
    let steps = run_fakes(&served_job(), &cancel, &fake);
    let statuses = steps.iter().map(|step| step.status).collect::<Vec<_>>();
    assert_eq!(statuses, [StepStatus::Stopped, StepStatus::Skipped, StepStatus::Stopped]);
}

#[test]
fn a_container_is_stopped_with_the_one_that_it_serves() {
    if common::engine().is_err() {
        return;
    }
    let serve = "trap 'echo bye; exit 7' TERM; echo up > /shared/up; while :; do sleep 0.1; done";
    let volume = json!([{ "name": "shared", "dest": "/shared" }]);
    let mut server = op("server", serve, "pair", &["client"]);
    server["execution"]["stop_if_dependent_stops"] = json!(true);
    server["args"]["volumes"] = volume.clone();
    let wait = "until [ -e /shared/up ]; do sleep 0.1; done; echo used";
    let mut client = op("client", wait, "pair", &[]);
    client["args"]["volumes"] = volume;

    let ran = run(json!([server, client, op("later", "echo later", "after", &[])]));
    let [(server, _, server_log), (client, _, client_log), (later, ..)] = &ran[..] else {
        panic!("{ran:?}")
    };
    assert_eq!((server.status, server.exit_code), (StepStatus::Stopped, Some(7)));
    assert_eq!((server_log.as_str(), client_log.as_str()), ("bye\n", "used\n"));
    assert!(server.ended_unix_ms >= client.ended_unix_ms && server.succeeded());
    assert_eq!(later.exit_code, Some(0), "the next group runs");
}

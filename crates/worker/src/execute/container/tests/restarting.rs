//! Containers that are started again after they have ended.

use super::*;

fn shared_volume() -> Value {
    json!([{ "name": "shared", "dest": "/shared" }])
}

#[test]
fn a_container_that_fails_is_started_again_and_its_last_run_counts() {
    if common::engine().is_err() {
        return;
    }
    let line = "if [ -e /shared/tried ]; then echo second; else echo > /shared/tried; exit 3; fi";
    let mut flaky = op("flaky", line, "g", &[]);
    flaky["args"]["volumes"] = shared_volume();
    flaky["args"]["restart_policy"] = json!({ "policy": "on-failure", "restart_tries": 3 });
    let mut strict = op("strict", "exit 5", "g", &[]);
    strict["args"]["restart_policy"] = json!("no");
    let job = container_job(json!([flaky, strict]));

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let live = LiveRun::batch(&job);
    let results = execute(&job, &store, &CancelToken::default(), &live);
    let step = |at: usize| {
        store.get_json::<CommandOutput>(&results[at].output.unwrap()).unwrap().steps.remove(0)
    };

    assert_eq!((step(0).exit_code, step(0).log_bytes), (Some(0), 7), "it prints `second`");
    assert_eq!(step(1).exit_code, Some(5));
    assert_eq!(live.restart_count(), 1);
}

#[test]
fn a_container_of_a_service_begins_again_until_the_service_ends() {
    if common::engine().is_err() {
        return;
    }
    let mut crashing = op("crashing", "echo up", "g", &[]);
    crashing["args"]["restart_policy"] = json!("unless-stopped");
    let job = container_job(json!([crashing]));
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let live = LiveRun::service(&job);
    let cancel = CancelToken::default();

    let stopper = cancel.clone();
    let seen = live.clone();
    let stopping = thread::spawn(move || {
        let until = Instant::now() + Duration::from_secs(60);
        while seen.restart_count() < 2 && Instant::now() < until {
            thread::sleep(Duration::from_millis(50));
        }
        stopper.request_stop();
    });
    let results = execute(&job, &store, &cancel, &live);
    stopping.join().unwrap();

    assert!(live.restart_count() >= 2);
    assert!(live.take_run_time() > Duration::ZERO);
    assert_eq!(results[0].status, OperationStatus::Ok, "{results:?}");
    let report = String::from_utf8(live.read_report().0).unwrap();
    assert!(report.contains("[node] crashing begins again in 2 s"), "{report}");
}

//! A container that must end does end, even one that is only just being started, which engines
//! refuse to kill.

mod common;

use std::{
    collections::BTreeMap,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use nosana_container::{ContainerJob, ContainerRequest};
use nosana_sandbox::{CancelToken, Limit, Limits, Observer, OutputTail};

/// How often it is tried: the race does not occur every time.
const TRIES: usize = 25;

/// A command in a container without folders, ports or an observer.
fn request_of<'a>(
    command: &'a [String],
    env: &'a BTreeMap<String, String>,
    cancel: &'a CancelToken,
) -> ContainerRequest<'a> {
    ContainerRequest {
        image: common::IMAGE,
        entrypoint: &[],
        command,
        env,
        gpu: false,
        mounts: &[],
        folders: &[],
        work_dir: None,
        output: None,
        limits: Limits::default(),
        cancel,
        observer: None,
        ports: &[],
    }
}

#[test]
fn a_container_whose_time_is_up_at_its_start_is_killed() {
    let Ok(engine) = common::engine() else { return };
    let command = ["/bin/sleep", "30"].map(str::to_owned);
    let env = BTreeMap::new();
    let cancel = CancelToken::default();
    let request = ContainerRequest {
        limits: Limits { time: Duration::from_millis(1), ..Limits::default() },
        ..request_of(&command, &env, &cancel)
    };
    let job = ContainerJob::new(engine);
    for attempt in 0..TRIES {
        let begun = Instant::now();
        let outcome = job.run(&request).unwrap();
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "attempt {attempt} ran for {:?}",
            begun.elapsed()
        );
        assert_eq!(outcome.limit, Some(Limit::Time));
    }
}

#[test]
fn a_stopped_container_can_end_by_itself() {
    let Ok(engine) = common::engine() else { return };
    let line = "trap 'echo bye; exit 7' TERM; while :; do echo up; sleep 0.1; done";
    let command = ["/bin/sh", "-c", line].map(str::to_owned);
    let env = BTreeMap::new();
    let cancel = CancelToken::default();
    let live = OutputTail::default();
    let request = ContainerRequest {
        // More is printed than is kept, which does not end the container.
        limits: Limits { output_bytes: 30, keeps_end: true, ..Limits::default() },
        observer: Some(&live),
        ..request_of(&command, &env, &cancel)
    };
    let token = cancel.clone();
    let seen = live.clone();
    let stopping = thread::spawn(move || {
        while seen.read().1 < 60 {
            thread::sleep(Duration::from_millis(50));
        }
        token.request_stop();
    });
    let outcome = ContainerJob::new(engine).run(&request).unwrap();
    stopping.join().unwrap();
    assert!(outcome.stopped && outcome.limit.is_none() && outcome.log_truncated, "{outcome:?}");
    assert_eq!(outcome.exit_code, Some(7));
    assert!(outcome.log.len() <= 30 && outcome.log.ends_with(b"up\nbye\n"), "{outcome:?}");
}

/// Keeps the calls that it gets, in order.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl Observer for Notes {
    fn on_start(&self) {
        self.0.lock().unwrap().push("start".to_owned());
    }

    fn on_output(&self, part: &[u8]) {
        self.0.lock().unwrap().push(String::from_utf8_lossy(part).into_owned());
    }

    fn on_end(&self) {
        self.0.lock().unwrap().push("end".to_owned());
    }
}

#[test]
fn an_observer_learns_of_start_output_and_end_in_this_order() {
    let Ok(engine) = common::engine() else { return };
    let command = ["/bin/sh", "-c", "echo up"].map(str::to_owned);
    let env = BTreeMap::new();
    let cancel = CancelToken::default();
    let notes = Notes::default();
    let request =
        ContainerRequest { observer: Some(&notes), ..request_of(&command, &env, &cancel) };
    let before_start = || notes.0.lock().unwrap().push("created".to_owned());
    let job = ContainerJob::new(engine);
    let outcome = job.run_unpacked(&request, before_start).unwrap().pack_output();
    assert_eq!(outcome.exit_code, Some(0), "{outcome:?}");
    assert_eq!(*notes.0.lock().unwrap(), ["created", "start", "up\n", "end"]);
}

//! Commands that run until they are stopped, like those of services.

mod common;

use std::{
    thread,
    time::{Duration, Instant},
};

use common::{Job, limits, text};
use nosana_sandbox::{CancelToken, Limits, Outcome, STOP_GRACE};

/// Runs a line, and stops it once it has written `/work/up`.
fn run_until_stopped(job: &Job, line: &str, limits: Limits) -> (Outcome, Duration) {
    let cancel = CancelToken::default();
    let up = job.scratch.work_folder().join("up");

    thread::scope(|scope| {
        let token = cancel.clone();
        let stopped = scope.spawn(move || {
            while !up.exists() {
                thread::sleep(Duration::from_millis(10));
            }
            token.request_stop();
            Instant::now()
        });
        let outcome = job.run_until(&cancel, &["/bin/sh", "-c", line], "", limits).unwrap();
        (outcome, stopped.join().unwrap().elapsed())
    })
}

#[test]
fn a_stopped_command_can_end_by_itself() {
    let job = Job::new();

    // The shell waits for its child, which receives the signal as well.
    let line = "trap 'echo bye >> /work/log; exit 7' TERM; echo up; touch up; sleep 60; sleep 60";
    let (outcome, took) = run_until_stopped(&job, line, limits());
    assert_eq!(
        (outcome.exit_code, outcome.limit, outcome.stopped),
        (Some(7), None, true),
        "{}",
        text(&outcome)
    );
    assert!(took < STOP_GRACE, "{took:?}");
    assert_eq!(std::fs::read_to_string(job.scratch.work_folder().join("log")).unwrap(), "bye\n");

    // A command that ends before it is stopped does not count as stopped.
    assert!(!job.sh("exit 0").stopped);
}

#[test]
fn a_stopped_command_that_ignores_the_signal_is_killed() {
    let job = Job::new();
    let (outcome, took) = run_until_stopped(
        &job,
        "trap '' TERM; echo up; touch up; while :; do sleep 1; done",
        limits(),
    );
    assert_eq!((outcome.exit_code, outcome.limit, outcome.stopped), (Some(137), None, true));
    assert_eq!(text(&outcome), "up\n");
    assert!(took >= STOP_GRACE && took < STOP_GRACE * 2, "{took:?}");
}

#[test]
fn the_end_of_a_long_output_can_be_kept() {
    let limits = Limits { output_bytes: 1_000, keeps_end: true, ..limits() };
    let outcome = Job::new().sh_within("seq 100000", limits);
    assert!(outcome.succeeded() && outcome.output_truncated);
    assert_eq!(outcome.output.len(), 1_000);
    assert!(text(&outcome).ends_with("\n99999\n100000\n"));
}

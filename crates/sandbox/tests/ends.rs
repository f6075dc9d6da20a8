//! Commands that run until they are asked to end, as those of services do.

mod common;

use std::{
    io::Read,
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use common::{Job, limits, text};
use nosana_sandbox::{Cancel, GRACE, Limits, Outcome, Request, SandboxConfig};

/// Runs a line, and asks it to end once it has written `/work/up`.
fn ended(job: &Job, line: &str, limits: Limits) -> (Outcome, Duration) {
    let (cancel, up) = (Cancel::default(), job.scratch.work().join("up"));
    thread::scope(|scope| {
        let wish = cancel.clone();
        let asked = scope.spawn(move || {
            while !up.exists() {
                thread::sleep(Duration::from_millis(10));
            }
            wish.end();
            Instant::now()
        });
        let outcome = job.run_until(&cancel, &["/bin/sh", "-c", line], "", limits).unwrap();
        (outcome, asked.join().unwrap().elapsed())
    })
}

#[test]
fn a_command_may_end_by_itself_when_it_is_asked_to() {
    let job = Job::new();
    // The shell waits for its child, which is asked as well.
    let line = "trap 'echo bye >> /work/told; exit 7' TERM; echo up; touch up; sleep 60; sleep 60";
    let (outcome, took) = ended(&job, line, limits());
    assert_eq!(
        (outcome.exit_code, outcome.limit, outcome.stopped),
        (Some(7), None, true),
        "{}",
        text(&outcome)
    );
    assert!(took < GRACE, "{took:?}");
    assert_eq!(std::fs::read_to_string(job.scratch.work().join("told")).unwrap(), "bye\n");
    // What ended before it was asked was not stopped.
    assert!(!job.sh("exit 0").stopped);
}

#[test]
fn a_command_that_does_not_is_killed() {
    let job = Job::new();
    let (outcome, took) =
        ended(&job, "trap '' TERM; echo up; touch up; while :; do sleep 1; done", limits());
    assert_eq!((outcome.exit_code, outcome.limit, outcome.stopped), (Some(137), None, true));
    assert_eq!(text(&outcome), "up\n");
    assert!(took >= GRACE && took < GRACE * 2, "{took:?}");
}

#[test]
fn the_end_of_a_long_output_can_be_kept() {
    let talkative = Limits { output_bytes: 1_000, keeps_end: true, ..limits() };
    let outcome = Job::new().sh_within("seq 100000", talkative);
    assert!(outcome.succeeded() && outcome.output_truncated);
    assert_eq!(outcome.output.len(), 1_000);
    assert!(text(&outcome).ends_with("\n99999\n100000\n"));
}

#[test]
fn with_the_network_it_listens_on_the_host() {
    let job = Job::with(SandboxConfig { network: true, ..Default::default() });
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serve = format!(
        "import socket\ns = socket.create_server(('127.0.0.1', {port}))\nc, _ = s.accept()\nc.sendall(b'served')\nc.close()"
    );
    let argv = ["python3", "-c", &serve].map(str::to_owned);
    let (env, cancel) = (Default::default(), Cancel::default());
    let request = Request {
        argv: &argv,
        env: &env,
        directory: "",
        network: true,
        limits: limits(),
        cancel: &cancel,
        live: None,
    };
    let got = thread::scope(|scope| {
        let running = scope.spawn(|| job.sandbox.run(&job.scratch, &request).unwrap());
        let mut got = String::new();
        while got.is_empty() && !running.is_finished() {
            thread::sleep(Duration::from_millis(50));
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
                stream.read_to_string(&mut got).unwrap();
            }
        }
        let outcome = running.join().unwrap();
        assert!(outcome.succeeded(), "this test needs python3: {}", text(&outcome));
        got
    });
    assert_eq!(got, "served");
}

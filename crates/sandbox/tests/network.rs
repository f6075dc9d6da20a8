//! Commands with and without the network.

mod common;

use std::{
    io::{ErrorKind, Read},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
    time::Duration,
};

use common::{Job, limits, text};
use nosana_sandbox::{CancelToken, Request, SandboxConfig, SandboxError};

#[test]
fn the_hosts_network_is_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected");

    // The line connects outside, so it is the sandbox that prevents it.
    assert!(Command::new("bash").args(["-c", &connect]).status().unwrap().success());
    assert!(listener.accept().is_ok());
    let job = Job::new();
    let outcome = job.run(&["bash", "-c", &connect], "", limits());
    assert_ne!(outcome.exit_code, Some(0), "{}", text(&outcome));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let interfaces = text(&job.sh("tail -n +3 /proc/net/dev | cut -d: -f1"));
    assert_eq!(interfaces.trim(), "lo");
}

#[test]
fn a_network_is_given_only_if_the_owner_allows_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let line = format!("exec 3<>/dev/tcp/127.0.0.1/{}", listener.local_addr().unwrap().port());
    let argv = ["bash", "-c", &line].map(str::to_owned);
    let env = Default::default();
    let request = Request {
        argv: &argv,
        env: &env,
        directory: "",
        network: true,
        limits: limits(),
        cancel: &CancelToken::default(),
        observer: None,
    };
    let closed = Job::new();
    let refused = closed.sandbox.run(&closed.scratch, &request).unwrap_err();
    assert!(
        matches!(refused, SandboxError::NoNetwork)
            && refused.to_string().contains("NOSANA_SANDBOX_NETWORK")
    );
    let open = Job::with_config(SandboxConfig { network: true, ..Default::default() });
    let outcome = open.sandbox.run(&open.scratch, &request).unwrap();
    assert!(outcome.succeeded(), "{}", text(&outcome));
    assert!(listener.accept().is_ok());
}

#[test]
fn with_the_network_a_command_listens_on_the_host() {
    let job = Job::with_config(SandboxConfig { network: true, ..Default::default() });

    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serve = format!(
        "import socket\ns = socket.create_server(('127.0.0.1', {port}))\n\
         c, _ = s.accept()\nc.sendall(b'served')\nc.close()"
    );
    let argv = ["python3", "-c", &serve].map(str::to_owned);
    let (env, cancel) = (Default::default(), CancelToken::default());
    let request = Request {
        argv: &argv,
        env: &env,
        directory: "",
        network: true,
        limits: limits(),
        cancel: &cancel,
        observer: None,
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

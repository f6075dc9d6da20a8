//! What an observer sees of a command while it runs.

mod common;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use common::{Job, limits, text};
use nosana_sandbox::{CancelToken, Observer, PortAccess, Request, SandboxConfig};

/// Forwards everything.
#[derive(Debug)]
struct Forwarder {
    output: Mutex<Sender<Vec<u8>>>,
    network: Mutex<Sender<io::Result<PortAccess>>>,
}

impl Forwarder {
    fn new() -> (Self, Receiver<Vec<u8>>, Receiver<io::Result<PortAccess>>) {
        let (output, printed) = channel();
        let (network, ports) = channel();
        (Self { output: Mutex::new(output), network: Mutex::new(network) }, printed, ports)
    }
}

impl Observer for Forwarder {
    fn on_output(&self, part: &[u8]) {
        self.output.lock().unwrap().send(part.to_vec()).unwrap();
    }

    fn on_network(&self, ports: io::Result<PortAccess>) {
        self.network.lock().unwrap().send(ports).unwrap();
    }
}

fn run_observed(job: &Job, argv: &[&str], network: bool, observer: &dyn Observer) -> String {
    let argv: Vec<String> = argv.iter().map(|word| word.to_string()).collect();
    let request = Request {
        argv: &argv,
        env: &BTreeMap::new(),
        directory: "",
        network,
        limits: limits(),
        cancel: &CancelToken::default(),
        observer: Some(observer),
    };
    text(&job.sandbox.run(&job.scratch, &request).unwrap())
}

#[test]
fn output_is_seen_when_it_is_printed() {
    let (observer, printed, _ports) = Forwarder::new();
    let job = Job::new();

    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let line = "echo one; sleep 2; echo two >&2";
            let whole = run_observed(&job, &["sh", "-c", line], false, &observer);
            (whole, Instant::now())
        });
        assert_eq!(printed.recv().unwrap(), b"one\n");
        let seen = Instant::now();
        let (whole, ended) = running.join().unwrap();
        assert_eq!(whole, "one\ntwo\n");
        assert!(ended - seen > Duration::from_millis(1_500));
    });
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
}

#[test]
fn an_observer_learns_of_the_start_before_the_output() {
    let notes = Notes::default();
    run_observed(&Job::new(), &["echo", "up"], false, &notes);
    assert_eq!(*notes.0.lock().unwrap(), ["start", "up\n"]);
}

#[test]
fn ports_of_a_command_are_reached_while_it_runs() {
    let serve = "import socket\ns = socket.create_server(('', 8080))\nprint('up', flush=True)\n\
                 c, _ = s.accept()\nc.sendall(b'served')\nc.close()";
    let (observer, printed, ports) = Forwarder::new();
    let job = Job::new();

    thread::scope(|scope| {
        scope.spawn(|| run_observed(&job, &["python3", "-c", serve], false, &observer));
        let ports = ports.recv().unwrap().unwrap();
        let up = printed.recv_timeout(Duration::from_secs(20)).expect("this test needs python3");
        assert_eq!(up, b"up\n");

        let mut got = String::new();
        ports.connect(8080).unwrap().read_to_string(&mut got).unwrap();
        assert_eq!(got, "served");
        assert!(ports.connect(8081).is_err());
    });
}

#[test]
fn a_command_in_the_hosts_network_has_no_ports_of_its_own() {
    let job = Job::with_config(SandboxConfig { network: true, ..Default::default() });
    let (observer, _printed, ports) = Forwarder::new();
    run_observed(&job, &["true"], true, &observer);
    drop(observer);
    assert!(ports.recv().is_err());
}

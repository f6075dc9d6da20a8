//! Real containers, in the engine of this host.

mod common;
#[path = "common/shell.rs"]
mod shell;

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    net::TcpListener,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use common::{IMAGE, engine};
use nosana_container::{
    ContainerConfig, ContainerError, ContainerJob, ContainerRequest, Engine, Mount,
};
use nosana_sandbox::{CancelToken, Limit, Limits};
use shell::{Shell, run, run_until, shell, text};

/// Containers and volumes of this process that the engine still lists.
fn left_behind(engine: &Engine) -> String {
    let list = |arguments: &[&str]| {
        let listed = Command::new(engine.kind().to_string()).args(arguments).output().unwrap();
        String::from_utf8(listed.stdout).unwrap()
    };
    let all = list(&["ps", "--all", "--format", "{{.Names}}"])
        + &list(&["volume", "ls", "--format", "{{.Name}}"]);
    let own = format!("nosana-job-{}-", std::process::id());
    all.lines().filter(|name| name.starts_with(&own)).collect::<Vec<_>>().join(" ")
}

/// One test, so that it can check at its end that nothing is left behind.
#[test]
fn containers_run_within_limits_and_leave_nothing_behind() {
    let Ok(engine) = engine() else { return };
    assert!(!engine.version().is_empty());
    check_outputs_codes_and_variables(engine);
    check_volumes_and_outputs(engine);
    check_limits(engine);
    check_refusals(engine);
    check_shared_networks(engine);
    check_orphans(engine);
    assert_eq!(left_behind(engine), "");
}

fn check_outputs_codes_and_variables(engine: &Engine) {
    let job = ContainerJob::new(engine);
    let line = "echo \"$GREETING from $PWD\"; echo oops >&2; exit 7";
    let outcome = run(&job, Shell { work_dir: Some("/tmp"), ..shell(line) }).unwrap();
    assert_eq!((outcome.exit_code, outcome.limit), (Some(7), None));
    assert_eq!(
        (text(&outcome.stdout), text(&outcome.stderr)),
        ("hello there from /tmp\n", "oops\n")
    );
    assert_eq!(outcome.log.len(), outcome.stdout.len() + outcome.stderr.len());
    assert!(outcome.kept.is_none() && !outcome.log_truncated);

    // Process ids are those of the container, and the user is its root.
    let outcome =
        run(&job, shell("echo $$; id -u; ls /proc/1/root >/dev/null && echo one")).unwrap();
    assert_eq!(text(&outcome.stdout), "1\n0\none\n");
    let entrypoint = ["/bin/sh", "-c", "echo \"$0 $1\""].map(str::to_owned);
    let command = ["a b", "-c"].map(str::to_owned);
    let outcome = job.run(&ContainerRequest {
        image: IMAGE,
        entrypoint: &entrypoint,
        command: &command,
        env: &BTreeMap::new(),
        gpu: false,
        mounts: &[],
        folders: &[],
        work_dir: None,
        output: None,
        limits: Limits::default(),
        cancel: &CancelToken::default(),
        observer: None,
        ports: &[],
    });
    assert_eq!(text(&outcome.unwrap().stdout), "a b -c\n");
    for line in ["/no/such/program", "exec /no/such/program"] {
        assert_eq!(run(&job, shell(line)).unwrap().exit_code, Some(127), "{line}");
    }
    let missing = ["/no/such/program".to_owned()];
    let outcome = run(&job, Shell { entrypoint: &missing, ..shell("") }).unwrap();
    assert_eq!(outcome.exit_code, Some(127));
    assert!(text(&outcome.log).contains("/no/such/program"), "{}", text(&outcome.log));
}

fn check_volumes_and_outputs(engine: &Engine) {
    let job = ContainerJob::new(engine);
    let mounts = [Mount { name: "data", path: "/data" }];
    run(&job, Shell { mounts: &mounts, ..shell("echo shared > /data/it") }).unwrap();
    let line = "cat /data/it; mkdir /out; echo kept > /out/a";
    let outcome =
        run(&job, Shell { mounts: &mounts, output: Some("/out"), ..shell(line) }).unwrap();
    assert_eq!(text(&outcome.stdout), "shared\n");
    let kept = outcome.kept.unwrap().unwrap();
    let mut archive = tar::Archive::new(kept.archive);
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        files.insert(path, content);
    }
    assert_eq!(files.get("out/a").map(String::as_str), Some("kept\n"), "{files:?}");
    let missing = run(&job, Shell { output: Some("/none"), ..shell("true") }).unwrap();
    assert!(missing.kept.unwrap().unwrap_err().contains("/none"));

    // Another job has other volumes.
    let other = ContainerJob::new(engine);
    let outcome = run(&other, Shell { mounts: &mounts, ..shell("ls /data") }).unwrap();
    assert_eq!(text(&outcome.log), "");
}

/// Containers of a job that shares a network reach each other, and nobody else.
fn check_shared_networks(engine: &Engine) {
    const SERVE: &str = "perl -e 'socket(S,2,1,0); \
                         bind(S,pack(\"Sna4x8\",2,8080,\"\\0\" x 4)) or die; listen(S,9); \
                         accept(C,S); print C \"pong\\n\"'";
    const CALL: &str = "perl -e 'socket(S,2,1,0); \
                        connect(S,pack(\"SnC4x8\",2,8080,127,0,0,1)) or die; print <S>'";
    let job = ContainerJob::new(engine);
    job.share_network(&[8080]).unwrap();

    thread::scope(|scope| {
        let serving = scope.spawn(|| run(&job, shell(SERVE)).unwrap());
        let retry = format!("until {CALL} 2> /dev/null; do sleep 0.2; done");
        assert_eq!(text(&run(&job, shell(&retry)).unwrap().stdout), "pong\n");
        assert_eq!(serving.join().unwrap().exit_code, Some(0));
    });
    let network = |job: &ContainerJob<'_>| {
        let outcome = run(job, shell("ls -l /proc/self/ns/net")).unwrap();
        let listed = text(&outcome.stdout).split(" -> ").nth(1).map(str::to_owned);
        listed.unwrap_or_else(|| panic!("{outcome:?}"))
    };
    assert_eq!(network(&job), network(&job));
    let other = ContainerJob::new(engine);
    assert_ne!(network(&job), network(&other));
}

fn check_limits(engine: &Engine) {
    let job = ContainerJob::new(engine);
    let within = |line, change: fn(&mut Limits)| {
        let mut shell = shell(line);
        change(&mut shell.limits);
        run(&job, shell).unwrap()
    };
    let begun = Instant::now();
    let outcome = within("echo begun; sleep 60", |limits| limits.time = Duration::from_secs(2));
    assert_eq!(
        (outcome.exit_code, outcome.limit, text(&outcome.log)),
        (None, Some(Limit::Time), "begun\n")
    );
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let line = "i=0; while [ $i -lt 9999 ]; do i=$((i+1)); echo $i; done; echo the end";
    let outcome = within(line, |limits| limits.output_bytes = 2000);
    assert_eq!((outcome.exit_code, outcome.limit, outcome.log_truncated), (Some(0), None, true));
    let log = text(&outcome.log);
    assert!(log.starts_with("1\n2\n") && log.ends_with("\n9999\nthe end\n"), "{log}");
    assert!(log.len() <= 2000 && log.contains("[node] "), "{log}");

    // A shell variable that doubles until there is no more memory.
    let line = "a=0123456789abcdef; while :; do a=$a$a; done";
    let outcome = within(line, |limits| limits.memory_bytes = 64 << 20);
    assert!(outcome.limit == Some(Limit::Memory) || outcome.exit_code == Some(137), "{outcome:?}");
    let outcome =
        within("for i in $(seq 30); do sleep 5 & done; wait", |limits| limits.processes = 10);
    assert!(text(&outcome.stderr).contains("fork"), "{outcome:?}");
    let cancel = CancelToken::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(1));
            cancel.cancel();
        });
        let begun = Instant::now();
        let cancelled = run_until(&job, shell("sleep 60"), &cancel);
        assert!(matches!(cancelled, Err(ContainerError::Cancelled)));
        assert!(begun.elapsed() < Duration::from_secs(20));
    });
}

/// What a killed node has left behind is removed when the next one starts.
fn check_orphans(engine: &Engine) {
    let orphan = format!("nosana-job-{}-1-0", std::process::id());
    let call = |arguments: &[&str]| {
        Command::new(engine.kind().to_string()).args(arguments).output().unwrap()
    };
    assert!(call(&["create", "--name", &orphan, IMAGE, "/bin/sh"]).status.success());
    assert!(call(&["volume", "create", &orphan]).status.success());
    assert_eq!(left_behind(engine), format!("{orphan} {orphan}"));
    Engine::open(ContainerConfig::from_env()).unwrap();
    assert_eq!(left_behind(engine), "");
}

fn check_refusals(engine: &Engine) {
    let job = ContainerJob::new(engine);
    if !engine.has_gpu() {
        assert!(matches!(
            run(&job, Shell { gpu: true, ..shell("true") }),
            Err(ContainerError::NoGpu)
        ));
    }
    let unknown = run(&job, Shell { image: "localhost/nosana-no-such-image:1", ..shell("true") })
        .unwrap_err();
    assert!(matches!(unknown, ContainerError::Image { .. }), "{unknown}");
    assert!(unknown.to_string().contains("nosana-no-such-image"), "{unknown}");
    check_slow_registries(engine);
}

/// A registry that never responds: no call takes longer than its time, and nothing is fetched
/// twice.
fn check_slow_registries(engine: &Engine) {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let image = format!("{}/large:1", registry.local_addr().unwrap());
    let fetch = |seconds: u64, cancel: &CancelToken| {
        let begun = Instant::now();
        let fetched = engine.fetch_image(&image, begun + Duration::from_secs(seconds), cancel);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        fetched.unwrap_err()
    };
    for _ in 0..2 {
        assert!(matches!(fetch(1, &CancelToken::default()), ContainerError::Fetching(_)));
    }
    let cancelled = CancelToken::default();
    cancelled.cancel();
    assert!(matches!(fetch(60, &cancelled), ContainerError::Cancelled));
    let children = format!("/proc/{0}/task", std::process::id());
    let threads = fs::read_dir(children).unwrap().flatten();
    let children: String =
        threads.filter_map(|it| fs::read_to_string(it.path().join("children")).ok()).collect();
    let lines = children
        .split_whitespace()
        .filter_map(|id| fs::read_to_string(format!("/proc/{id}/cmdline")).ok());
    assert_eq!(lines.filter(|line| line.contains("pull") && line.contains(&image)).count(), 1);
}

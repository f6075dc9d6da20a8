//! Whose fault it is if a container cannot run: the engine's, the registry's or the definition's.
//!
//! The engine is the host's own, called by a script that fails instead while a file beside it says
//! so.

mod common;
#[path = "common/shell.rs"]
mod shell;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime},
};

use nosana_container::{
    ContainerConfig, ContainerError, ContainerJob, Engine, EngineKind, HostFolder,
};
use nosana_sandbox::CancelToken;
use shell::{Shell, run, run_until, shell, text};

/// Fails where the file `runtime` says that the engine's own runtime is broken, `disk` that nothing
/// can be created, and `moment` that the next container cannot be created. Copies nothing for a
/// minute where `slow` says so, and `copying` says that it has begun to. Copies after
/// [`COPY_DELAY`] where `late` says so. Removes no container where `stuck` says so.
const SCRIPT: &str = r#"#!/bin/sh
export CONTAINERS_REGISTRIES_CONF=FOLDER/registries.conf
runtime=own
[ "$1" = --runtime ] && { runtime=$2; options="$1 $2"; shift 2; }
case $runtime-$1 in
  own-run | own-start)
    [ -e FOLDER/runtime ] && { echo "crun: cgroups in hybrid mode not supported" >&2; exit 126; } ;;
esac
case $1 in
  run | create)
    [ -e FOLDER/disk ] && { echo "Error: no space left on device" >&2; exit 125; } ;;
esac
[ "$1" = cp ] && [ -e FOLDER/slow ] && { touch FOLDER/copying; exec sleep 60; }
[ "$1" = cp ] && [ -e FOLDER/late ] && sleep 1
[ "$1" = rm ] && [ -e FOLDER/stuck ] &&
  { echo "Error: device or resource busy" >&2; exit 125; }
[ "$1" = create ] && rm FOLDER/moment 2>/dev/null &&
  { echo "Error: database is locked" >&2; exit 125; }
exec PROGRAM $options "$@"
"#;
const COPY_DELAY: Duration = Duration::from_secs(1);

/// One test, because a script that another thread still writes cannot be started.
#[test]
fn faults_are_blamed_on_what_has_them() {
    let Ok(host) = common::engine() else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let program = folder.join(host.kind().to_string());
    let script = SCRIPT
        .replace("FOLDER", folder.to_str().unwrap())
        .replace("PROGRAM", &host.kind().to_string());
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let config =
        || ContainerConfig { engine: Some(program.clone()), ..ContainerConfig::from_env() };
    let engine = Engine::open(config()).unwrap();

    check_creation(&engine, folder);
    check_stops(&engine, folder);
    check_run_time(&engine, folder);
    check_removal(&engine, folder);
    check_images(&engine, folder);
    if host.kind() == EngineKind::Podman && config().runtime.is_none() {
        check_runtimes(config(), folder);
    }
}

/// podman's own runtime does not work on every host that podman is installed on.
fn check_runtimes(config: ContainerConfig, folder: &Path) {
    fs::write(folder.join("runtime"), "").unwrap();
    let engine = Engine::open(config.clone()).unwrap();
    assert!(matches!(engine.runtime(), Some("runc" | "crun")), "{:?}", engine.runtime());
    let notice = engine.runtime_notice().unwrap();
    assert!(notice.contains("cgroups in hybrid mode not supported"), "{notice}");
    let outcome = run(&ContainerJob::new(&engine), shell("echo it runs")).unwrap();
    assert_eq!(text(&outcome.log), "it runs\n");

    let chosen = ContainerConfig { runtime: Some("/no/such/runtime".to_owned()), ..config };
    let refused = Engine::open(chosen).unwrap_err().to_string();
    assert!(refused.contains("/no/such/runtime"), "the owner's choice is kept: {refused}");
    fs::remove_file(folder.join("runtime")).unwrap();
}

fn check_creation(engine: &Engine, folder: &Path) {
    let job = ContainerJob::new(engine);

    fs::write(folder.join("disk"), "").unwrap();
    let full = run(&job, shell("echo it runs")).unwrap_err();
    assert!(matches!(full, ContainerError::Engine { .. }), "the engine is at fault: {full}");
    assert!(full.to_string().contains("no space left on device"), "{full}");
    fs::remove_file(folder.join("disk")).unwrap();

    fs::write(folder.join("moment"), "").unwrap();
    let outcome = run(&job, shell("echo it runs")).unwrap();
    assert_eq!(text(&outcome.log), "it runs\n", "it is created at the second try");
    assert!(!folder.join("moment").exists(), "the first try has failed");

    let missing = ["/no/such/program".to_owned()];
    let outcome = run(&job, Shell { entrypoint: &missing, ..shell("") }).unwrap();
    assert_eq!(outcome.exit_code, Some(127), "the definition is at fault");
}

/// A container that is stopped while its files are copied is not at fault.
fn check_stops(engine: &Engine, folder: &Path) {
    let files = tempfile::tempdir().unwrap();
    let folders = [HostFolder { folder: files.path(), path: "/data", is_copied: true }];
    let job = ContainerJob::new(engine);
    let cancel = CancelToken::default();
    fs::write(folder.join("slow"), "").unwrap();

    let begun = Instant::now();
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            while !folder.join("copying").exists() && begun.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(10));
            }
            cancel.request_stop();
        });
        run_until(&job, Shell { folders: &folders, ..shell("true") }, &cancel)
    });
    fs::remove_file(folder.join("slow")).unwrap();

    let outcome = outcome.unwrap();
    assert!(outcome.stopped && outcome.limit.is_none(), "{outcome:?}");
    assert!(text(&outcome.log).contains("while files were copied to /data"), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(60), "it does not wait for the copy");
}

/// The time of a run excludes the copies into and out of the container.
fn check_run_time(engine: &Engine, folder: &Path) {
    let files = tempfile::tempdir().unwrap();
    let folders = [HostFolder { folder: files.path(), path: "/data", is_copied: true }];
    let job = ContainerJob::new(engine);
    fs::write(files.path().join("model"), "it is here").unwrap();
    fs::write(folder.join("late"), "").unwrap();

    let called = SystemTime::now();
    let begun = Instant::now();
    let copied = Shell { folders: &folders, output: Some("/data"), ..shell("true") };
    let outcome = run(&job, copied);
    let whole_time = begun.elapsed();
    fs::remove_file(folder.join("late")).unwrap();

    let outcome = outcome.unwrap();
    assert!(matches!(outcome.kept, Some(Ok(_))), "{outcome:?}");
    // The folder is created, its files are copied, and then kept.
    assert!(outcome.elapsed + COPY_DELAY * 3 <= whole_time, "{outcome:?} in {whole_time:?}");
    assert!(outcome.started >= called + COPY_DELAY * 2, "{outcome:?}");
}

/// A container that the engine refuses to remove is removed once the engine does.
fn check_removal(engine: &Engine, folder: &Path) {
    let own = format!("nosana-job-{}-", std::process::id());
    let is_left = || {
        let mut list = Command::new(engine.kind().to_string());
        let listed = list.args(["ps", "--all", "--format", "{{.Names}}"]).output().unwrap();
        text(&listed.stdout).lines().any(|name| name.starts_with(&own))
    };

    fs::write(folder.join("stuck"), "").unwrap();
    let outcome = run(&ContainerJob::new(engine), shell("echo it runs")).unwrap();
    assert_eq!(text(&outcome.log), "it runs\n", "the job has not failed");
    assert!(is_left());

    fs::remove_file(folder.join("stuck")).unwrap();
    let begun = Instant::now();
    while is_left() {
        assert!(begun.elapsed() < Duration::from_secs(120), "nobody removes it");
        thread::sleep(Duration::from_millis(100));
    }
}

fn check_images(engine: &Engine, folder: &Path) {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = registry.local_addr().unwrap().to_string();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let insecure = [&address, &closed]
        .map(|address| format!("[[registry]]\nlocation = \"{address}\"\ninsecure = true\n"));
    fs::write(folder.join("registries.conf"), insecure.concat()).unwrap();
    thread::spawn(move || registry.incoming().flatten().for_each(refuse_manifest));

    let fetch = |registry: &str| {
        let begun = Instant::now();
        let until = begun + Duration::from_secs(60);
        let image = format!("{registry}/library/no-such-image:1");
        let error = engine.fetch_image(&image, until, &CancelToken::default()).unwrap_err();
        assert!(error.to_string().contains(&image), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
        error
    };
    let missing = fetch(&address);
    assert!(matches!(missing, ContainerError::NoImage { .. }), "{missing}");
    assert!(missing.is_definition_fault() && missing.to_string().contains("does not exist"));
    let away = fetch(&closed);
    assert!(matches!(away, ContainerError::Image { .. }), "{away}");
    assert!(!away.is_definition_fault() && away.to_string().contains("connection refused"));
}

/// Answers one request as a registry that has no such image.
fn refuse_manifest(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
        request += &line;
        line.clear();
    }

    let (status, body) = if request.contains(" /v2/ ") {
        ("200 OK", "{}")
    } else {
        ("404 Not Found", r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}"#)
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all((head + body).as_bytes());
}

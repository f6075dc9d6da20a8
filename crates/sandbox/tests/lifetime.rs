//! What survives a command, and what survives its node.

mod common;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::{Job, text};
use nosana_sandbox::SandboxConfig;

#[test]
fn no_process_survives_a_command() {
    let job = Job::new();
    let begun = Instant::now();

    // One holds the log open, one does not; one has left its session and ignores every signal that
    // can be ignored.
    let outcome = job.sh("sleep 47 & (sleep 47 >/dev/null 2>&1 &) ; \
                          setsid sh -c 'trap \"\" TERM HUP INT; \
                          while :; do date >/work/alive; sleep 0.02; done' \
                          >/dev/null 2>&1 & sleep 0.2; echo end");
    assert_eq!((outcome.exit_code, text(&outcome)), (Some(0), "end\n".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(20));
    let alive = job.scratch.work_folder().join("alive");
    assert!(alive.exists());
    fs::remove_file(&alive).unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(!alive.exists(), "a background process survived");
    let work = job.scratch.work_folder();
    drop(job);
    assert!(!work.exists());
}

/// Set in the process that runs this test as the node that is killed.
const AS_NODE: &str = "NOSANA_SANDBOX_TEST_AS_NODE";

#[test]
fn commands_die_with_their_node() {
    if env::var_os(AS_NODE).is_some() {
        let path = env::var_os(AS_NODE).unwrap();
        let job = Job::with_config(scratch_in(Path::new(&path).parent().unwrap()));
        fs::write(path, job.scratch.work_folder().to_str().unwrap()).unwrap();
        job.sh("setsid sh -c 'while :; do date > /work/alive; sleep 0.02; done' & sleep 25");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let path = folder.path().join("work");
    let mut node = Command::new(env::current_exe().unwrap())
        .args(["--exact", "commands_die_with_their_node"])
        .env(AS_NODE, &path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let alive = loop {
        let alive = Path::new(&fs::read_to_string(&path).unwrap_or_default()).join("alive");
        if alive.is_absolute() && alive.exists() {
            break alive;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the node does not run its command");
        thread::sleep(Duration::from_millis(10));
    };
    node.kill().unwrap();
    node.wait().unwrap();
    thread::sleep(Duration::from_millis(200));
    fs::remove_file(&alive).unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(!alive.exists(), "a command outlived its node");

    // The node could not delete its folders, but the next node does.
    let left = alive.ancestors().nth(2).unwrap();
    assert!(left.exists());
    let next = Job::with_config(scratch_in(folder.path()));
    assert!(!left.exists() && next.scratch.work_folder().exists());
    let _another = Job::with_config(scratch_in(folder.path()));
    assert!(next.scratch.work_folder().exists());
}

fn scratch_in(folder: &Path) -> SandboxConfig {
    SandboxConfig { scratch_parent: folder.to_owned(), ..Default::default() }
}

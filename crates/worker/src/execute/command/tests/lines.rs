//! Shells, logs and the store.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, http::StatusCode};
use nosana_job_spec::Shell;
use nosana_sandbox::{BindMount, Sandbox, SandboxConfig};
use tokio::{net::TcpListener, runtime::Runtime, time::sleep};

use super::{Node, steps};

#[test]
fn a_step_that_prints_too_much_continues() {
    let node = Node::new();
    let mut args = steps(&[("talk", "seq 300000; echo the end"), ("after", "true")]);
    args.limits.output_bytes = Some(2000);
    let output = node.run(&args).unwrap();
    assert!(output.succeeded(), "{output:?}");
    let (talk, after) = (&output.steps[0], &output.steps[1]);
    let log = node.log(talk);
    assert!(log.starts_with("1\n2\n") && log.ends_with("\n300000\nthe end\n"), "{log}");
    assert!(log.contains("[node] ") && log.len() <= 2000, "{log}");
    assert_eq!((talk.log_bytes, talk.log_truncated), (log.len() as u64, true));
    assert!(!after.log_truncated);
}

#[test]
fn lines_run_in_bash_and_without_it_in_sh() {
    let line = "[[ a == a ]] && echo \"bash:$UNSET_VARIABLE\"; (exit 4) | cat; echo end";
    let with_bash = Node::new();
    let output = with_bash.run(&steps(&[("line", line)])).unwrap();
    assert_eq!(output.steps[0].exit_code, Some(4), "the pipe fails");
    assert_eq!(with_bash.log(&output.steps[0]), "bash:\n");

    let mut args = steps(&[("line", "(exit 4) | cat; echo \"sh:$UNSET_VARIABLE\"; false; echo")]);
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let hidden = folder.path().join("bash");
    fs::write(&hidden, "").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let inside = fs::canonicalize("/bin/bash").unwrap();
    let mount = BindMount { host: hidden, inside };
    let config = SandboxConfig { read_only: vec![mount], ..SandboxConfig::default() };
    let without_bash = Node { sandbox: Sandbox::open(config).unwrap(), ..Node::new() };
    for shell in [None, Some(Shell::Sh)] {
        args.steps[0].shell = shell;
        let output = without_bash.run(&args).unwrap();
        assert_eq!(without_bash.log(&output.steps[0]), "sh:\n", "{shell:?}");
        assert_eq!(output.steps[0].exit_code, Some(1), "{shell:?}");
    }
    args.steps[0].shell = Some(Shell::Bash);
    let output = without_bash.run(&args).unwrap();
    assert!(!output.succeeded(), "{output:?}");
}

#[test]
fn a_store_that_pauses_costs_no_work_and_no_time_of_the_steps() {
    let node = Node::new();
    let mut args = steps(&[("make", "seq 1000 | tee kept"), ("use", "tail -n 1 kept")]);
    args.limits.timeout_seconds = Some(6);
    args.artifacts = vec!["kept".to_owned()];

    // Nothing can be written until the folder is back.
    let staging = node._folder.path().join("staging");
    let aside = node._folder.path().join("aside");
    fs::rename(&staging, &aside).unwrap();
    let returning = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(6));
        fs::rename(aside, staging).unwrap();
    });
    let output = node.run(&args).unwrap();
    returning.join().unwrap();
    assert!(output.succeeded(), "{output:?}");
    assert_eq!(node.log(&output.steps[1]), "1000\n");
    assert_eq!(output.artifacts.len(), 1);
}

/// The uploads that an IPFS node's API has received.
type Uploads = Arc<Mutex<Vec<Bytes>>>;

/// The first answers of the API: the node behind a proxy hangs, and then starts.
const FIRST_ANSWERS: [StatusCode; 2] =
    [StatusCode::GATEWAY_TIMEOUT, StatusCode::SERVICE_UNAVAILABLE];

/// Serves an IPFS node's API that answers late and refuses at first. Returns its address.
fn serve_pausing_ipfs(runtime: &Runtime, uploads: &Uploads) -> String {
    let uploads = Arc::clone(uploads);
    let answer = move |upload: Bytes| {
        let mut received = uploads.lock().unwrap();
        let first = FIRST_ANSWERS.get(received.len()).copied();
        received.push(upload);
        async move {
            if first.is_some() {
                sleep(Duration::from_secs(1)).await;
            }
            first.unwrap_or(StatusCode::OK)
        }
    };

    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    runtime.spawn(async move { axum::serve(listener, router).await });
    url
}

#[test]
fn an_ipfs_node_that_hangs_and_refuses_at_first_costs_no_work() {
    let runtime = Runtime::new().unwrap();
    let uploads = Uploads::default();
    let mut node = Node::new();
    node.store = node.store.with_ipfs(&serve_pausing_ipfs(&runtime, &uploads));

    let mut args = steps(&[("make", "echo made | tee kept"), ("use", "cat kept")]);
    args.limits.timeout_seconds = Some(6);
    args.artifacts = vec!["kept".to_owned()];
    let output = node.run(&args).unwrap();
    assert!(output.succeeded(), "{output:?}");
    assert_eq!(node.log(&output.steps[1]), "made\n");
    assert_eq!(output.artifacts.len(), 1);

    // What was refused came again, before anything else.
    let uploads = uploads.lock().unwrap();
    let [first, second, third, ..] = &uploads[..] else { panic!("{uploads:?}") };
    assert!(first == second && second == third, "{uploads:?}");
    assert!(first.windows(5).any(|part| part == b"made\n"), "{first:?}");
}

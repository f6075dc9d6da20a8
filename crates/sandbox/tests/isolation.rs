//! What a command sees, and what it must not see.

mod common;

use std::{
    collections::BTreeMap,
    env, fs,
    io::ErrorKind,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::{Job, limits, text};
use nosana_sandbox::{Bind, Cancel, Request, Sandbox, SandboxConfig, SandboxError};

#[test]
fn exit_codes_and_signals_are_told() {
    let job = Job::new();
    for code in [0, 1, 7, 127, 255] {
        let outcome = job.sh(&format!("exit {code}"));
        assert_eq!((outcome.exit_code, outcome.limit), (Some(code), None));
    }
    let killed = job.sh("kill -SEGV $$");
    assert_eq!((killed.exit_code, killed.signal()), (Some(139), Some(11)));
    let missing = job.run(&["no-such-program"], "", limits());
    assert_eq!(missing.exit_code, Some(127), "{}", text(&missing));
    assert!(text(&missing).contains("no-such-program"));
    // The sandbox's own complaints are errors; the same words from a command are output.
    let alike = job.sh("echo bwrap: cannot >&2; exit 1");
    assert_eq!((alike.exit_code, text(&alike)), (Some(1), "bwrap: cannot\n".to_owned()));
}

#[test]
fn both_outputs_are_one_log_in_order() {
    let outcome = Job::new().sh("for i in 1 2 3; do echo out $i; echo err $i >&2; done");
    assert_eq!(text(&outcome), "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
}

#[test]
fn the_environment_is_clean() {
    let outcome = Job::new().run(&["/usr/bin/env"], "", limits());
    let mut names: Vec<_> =
        text(&outcome).lines().map(|line| line.split('=').next().unwrap().to_owned()).collect();
    names.sort();
    // bubblewrap itself sets PWD with the folder.
    assert_eq!(names, ["HOME", "JOB_VARIABLE", "LANG", "PATH", "PWD"]);
    assert!(
        text(&outcome).contains("HOME=/work/.home\n")
            && text(&outcome).contains("JOB_VARIABLE=its value\n")
    );
}

#[test]
fn variables_of_the_client_reach_only_what_is_bounded() {
    let job = Job::new();
    let env = BTreeMap::from([("LD_PRELOAD".to_owned(), "/work/none.so".to_owned())]);
    let (argv, cancel) = (["/bin/true".to_owned()], Cancel::default());
    let limits = limits();
    let request = Request {
        argv: &argv,
        env: &env,
        directory: "",
        network: false,
        limits,
        cancel: &cancel,
        live: None,
    };
    let outcome = job.sandbox.run(&job.scratch, &request).unwrap();
    // The loader complains once in each program that it is set for: here in `true` alone.
    assert_eq!(text(&outcome).matches("/work/none.so").count(), 1, "{}", text(&outcome));
    assert!(job.sh("cp /bin/true a=b").succeeded());
    assert!(job.run(&["./a=b"], "", limits).succeeded());
}

#[test]
fn files_of_the_host_are_not_there() {
    let secret = tempfile::Builder::new().prefix("host-secret-").tempdir_in("/tmp").unwrap();
    fs::write(secret.path().join("key"), "host key").unwrap();
    let job = Job::new();
    let outcome = job
        .sh("ls -A / /tmp /etc; ls -d /root /home /opt /srv /mnt /sys /boot 2>/dev/null || true");
    let listed = text(&outcome);
    let root = listed.split("\n\n").find(|part| part.starts_with("/:")).unwrap();
    for folder in ["root", "home", "opt", "srv", "mnt", "sys", "boot"] {
        assert!(!root.lines().any(|line| line == folder), "{listed}");
        assert!(!listed.contains(&format!("\n/{folder}\n")), "{listed}");
    }
    assert!(listed.contains("/tmp:\n\n") || listed.ends_with("/tmp:\n"), "{listed}");
    for hidden in ["host-secret", "shadow", "ssh", "machine-id", "resolv.conf"] {
        assert!(!listed.contains(hidden), "{hidden}: {listed}");
    }
    let path = secret.path().join("key");
    assert_ne!(job.run(&["cat", path.to_str().unwrap()], "", limits()).exit_code, Some(0));
    let passwd = text(&job.sh("cat /etc/passwd; cat /proc/1/root/etc/shadow 2>&1 || true"));
    assert_eq!(passwd.lines().count(), 3, "{passwd}");
    assert!(
        !fs::read_to_string("/etc/passwd").unwrap().contains("/work/.home")
            && passwd.contains("/work/.home")
    );
}

#[test]
fn open_files_of_the_host_are_closed() {
    use rustix::fs::{Mode, OFlags};
    // As a driver's library does it: children would inherit these.
    let leaked = ["/etc/hostname", "/etc/hosts", "/proc", "/usr", "/tmp", "/etc/group", "/"]
        .map(|path| rustix::fs::open(path, OFlags::RDONLY, Mode::empty()).unwrap());
    let job = Job::new();
    let told = text(&job.sh("readlink /proc/self/fd/* /proc/1/fd/*"));
    let plain = |open: &str| {
        ["/dev/null", "pipe:", "/proc/", "anon_inode:[eventfd]"]
            .iter()
            .any(|start| open.starts_with(start))
    };
    assert!(told.lines().all(plain) && told.lines().count() >= 6, "{told}");
    drop(leaked);
}

#[test]
fn devices_of_the_outputs_can_be_opened_again() {
    let outcome = Job::new()
        .sh("echo one > /dev/stderr; echo two | tee /dev/stderr; echo three > /dev/stdout");
    assert_eq!((outcome.exit_code, text(&outcome).as_str()), (Some(0), "one\ntwo\ntwo\nthree\n"));
}

#[test]
fn only_the_work_folder_and_tmp_can_be_written() {
    let job = Job::new();
    let outcome = job
        .sh("for f in / /usr /etc /dev /bin /proc /run /var; do touch $f/x 2>/dev/null && echo $f; done; \
                          touch /work/x /tmp/x /dev/shm/x $HOME/x && echo done");
    assert_eq!(text(&outcome), "done\n");
    // The next step of the same job sees what the first one left.
    assert!(job.sh("test -f /work/x && test -f /tmp/x").succeeded());
    assert!(!Job::new().sh("test -f /work/x").succeeded());
}

#[test]
fn there_is_no_way_to_privileges() {
    let job = Job::new();
    let outcome = job.sh("grep -E '^(Cap...|NoNewPrivs|Uid):' /proc/self/status; id -u");
    let told = text(&outcome);
    assert_eq!(told.matches("0000000000000000").count(), 5, "{told}");
    assert!(told.contains("NoNewPrivs:\t1") && told.ends_with("1000\n"), "{told}");
    for attempt in
        ["unshare --user true", "mount -t tmpfs none /tmp", "hostname other", "chroot / true"]
    {
        assert!(!job.sh(attempt).succeeded(), "{attempt}");
    }
    // Other processes of the host are not there to be signaled or read.
    let seen = text(&job.sh("ls /proc | grep -c '^[0-9]'"));
    assert!(seen.trim().parse::<u32>().unwrap() < 8, "{seen}");
}

#[test]
fn the_hosts_network_is_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected");
    // The same line gets through outside, so it is the sandbox that stops it.
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
    let request = nosana_sandbox::Request {
        argv: &argv,
        env: &env,
        directory: "",
        network: true,
        limits: limits(),
        cancel: &Cancel::default(),
        live: None,
    };
    let closed = Job::new();
    let refused = closed.sandbox.run(&closed.scratch, &request).unwrap_err();
    assert!(
        matches!(refused, SandboxError::NoNetwork)
            && refused.to_string().contains("NOSANA_SANDBOX_NETWORK")
    );
    let open = Job::with(SandboxConfig { network: true, ..Default::default() });
    let outcome = open.sandbox.run(&open.scratch, &request).unwrap();
    assert!(outcome.succeeded(), "{}", text(&outcome));
    assert!(listener.accept().is_ok());
}

#[test]
fn nothing_lives_on() {
    let job = Job::new();
    let begun = Instant::now();
    // One holds the log open, one does not; one has left its session and ignores what can be
    // ignored.
    let outcome = job.sh("sleep 47 & (sleep 47 >/dev/null 2>&1 &) ; \
                          setsid sh -c 'trap \"\" TERM HUP INT; while :; do date >/work/alive; sleep 0.02; done' \
                          >/dev/null 2>&1 & sleep 0.2; echo end");
    assert_eq!((outcome.exit_code, text(&outcome)), (Some(0), "end\n".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(20));
    let alive = job.scratch.work().join("alive");
    assert!(alive.exists());
    fs::remove_file(&alive).unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(!alive.exists(), "a background process lived on");
    let work = job.scratch.work();
    drop(job);
    assert!(!work.exists());
}

/// Tells this test that it is the node that gets killed.
const AS_NODE: &str = "NOSANA_SANDBOX_TEST_AS_NODE";

#[test]
fn commands_die_with_their_node() {
    if env::var_os(AS_NODE).is_some() {
        let told = env::var_os(AS_NODE).unwrap();
        let job = Job::with(scratch_in(Path::new(&told).parent().unwrap()));
        fs::write(told, job.scratch.work().to_str().unwrap()).unwrap();
        job.sh("setsid sh -c 'while :; do date > /work/alive; sleep 0.02; done' & sleep 25");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let told = folder.path().join("work");
    let mut node = Command::new(env::current_exe().unwrap())
        .args(["--exact", "commands_die_with_their_node"])
        .env(AS_NODE, &told)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let alive = loop {
        let alive = Path::new(&fs::read_to_string(&told).unwrap_or_default()).join("alive");
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
    // Nobody was left to delete its folders, but the next node finds them.
    let left = alive.ancestors().nth(2).unwrap();
    assert!(left.exists());
    let next = Job::with(scratch_in(folder.path()));
    assert!(!left.exists() && next.scratch.work().exists());
    let _another = Job::with(scratch_in(folder.path()));
    assert!(next.scratch.work().exists());
}

fn scratch_in(folder: &Path) -> SandboxConfig {
    SandboxConfig { scratch_parent: folder.to_owned(), ..Default::default() }
}

#[test]
fn steps_begin_where_they_are_told() {
    let job = Job::new();
    job.scratch.make_folder("a/b").unwrap();
    assert_eq!(text(&job.run(&["pwd"], "a/b", limits())), "/work/a/b\n");
    assert_eq!(text(&job.run(&["pwd"], ".", limits())), "/work\n");
    let missing = job.run(&["pwd"], "none", limits());
    assert!(!missing.succeeded() && missing.exit_code.is_some(), "{missing:?}");
}

#[test]
fn the_owner_can_lend_folders() {
    let tools = tempfile::tempdir_in("/var/tmp").unwrap();
    fs::set_permissions(tools.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fs::write(tools.path().join("hello"), "#!/bin/sh\necho lent\n").unwrap();
    fs::set_permissions(
        tools.path().join("hello"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let bind = Bind { host: tools.path().to_owned(), inside: "/opt/tools".into() };
    let config = SandboxConfig {
        read_only: vec![bind],
        path: vec!["/opt/tools".into()],
        ..Default::default()
    };
    let job = Job::with(config);
    assert_eq!(
        text(&job.sh("hello; touch /opt/tools/x 2>/dev/null || echo closed")),
        "lent\nclosed\n"
    );
}

#[test]
fn what_is_missing_is_named() {
    let config = SandboxConfig { bubblewrap: "no-such-bwrap".into(), ..Default::default() };
    let error = Sandbox::open(config).unwrap_err().to_string();
    assert!(error.contains("no-such-bwrap") && error.contains("install bubblewrap"), "{error}");
    let bind = Bind { host: "/no/such/folder".into(), inside: "/opt".into() };
    let error = Sandbox::open(SandboxConfig { read_only: vec![bind], ..Default::default() })
        .unwrap_err()
        .to_string();
    assert!(error.contains("/no/such/folder"), "{error}");
}

//! What a command can see and do, and what it cannot.

mod common;

use std::{collections::BTreeMap, fs};

use common::{Job, limits, text};
use nosana_sandbox::{BindMount, CancelToken, Request, Sandbox, SandboxConfig};

#[test]
fn exit_codes_and_signals_are_reported() {
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

    // Messages of bubblewrap are errors; from a command, an equal message is output.
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
fn variables_of_the_client_apply_only_within_the_limits() {
    let job = Job::new();
    let env = BTreeMap::from([("LD_PRELOAD".to_owned(), "/work/none.so".to_owned())]);
    let (argv, cancel) = (["/bin/true".to_owned()], CancelToken::default());
    let limits = limits();
    let request = Request {
        argv: &argv,
        env: &env,
        directory: "",
        network: false,
        limits,
        cancel: &cancel,
        observer: None,
    };
    let outcome = job.sandbox.run(&job.scratch, &request).unwrap();

    // The loader prints one message for each program with the variable: here for `true` only.
    assert_eq!(text(&outcome).matches("/work/none.so").count(), 1, "{}", text(&outcome));
    assert!(job.sh("cp /bin/true a=b").succeeded());
    assert!(job.run(&["./a=b"], "", limits).succeeded());
}

#[test]
fn files_of_the_host_are_hidden() {
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

    // Like files of a driver's library: children would inherit these.
    let leaked = ["/etc/hostname", "/etc/hosts", "/proc", "/usr", "/tmp", "/etc/group", "/"]
        .map(|path| rustix::fs::open(path, OFlags::RDONLY, Mode::empty()).unwrap());
    let job = Job::new();
    let printed = text(&job.sh("readlink /proc/self/fd/* /proc/1/fd/*"));
    let plain = |open: &str| {
        ["/dev/null", "pipe:", "/proc/", "anon_inode:[eventfd]"]
            .iter()
            .any(|start| open.starts_with(start))
    };
    assert!(printed.lines().all(plain) && printed.lines().count() >= 6, "{printed}");
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
    let outcome = job.sh("for f in / /usr /etc /dev /bin /proc /run /var; do \
             touch $f/x 2>/dev/null && echo $f; done; \
                          touch /work/x /tmp/x /dev/shm/x $HOME/x && echo done");
    assert_eq!(text(&outcome), "done\n");

    // The next step of a job sees the files of the first one.
    assert!(job.sh("test -f /work/x && test -f /tmp/x").succeeded());
    assert!(!Job::new().sh("test -f /work/x").succeeded());
}

#[test]
fn privileges_cannot_be_gained() {
    let job = Job::new();
    let outcome = job.sh("grep -E '^(Cap...|NoNewPrivs|Uid):' /proc/self/status; id -u");
    let printed = text(&outcome);
    assert_eq!(printed.matches("0000000000000000").count(), 5, "{printed}");
    assert!(printed.contains("NoNewPrivs:\t1") && printed.ends_with("1000\n"), "{printed}");
    for attempt in
        ["unshare --user true", "mount -t tmpfs none /tmp", "hostname other", "chroot / true"]
    {
        assert!(!job.sh(attempt).succeeded(), "{attempt}");
    }

    // Other processes of the host cannot be signaled or read.
    let seen = text(&job.sh("ls /proc | grep -c '^[0-9]'"));
    assert!(seen.trim().parse::<u32>().unwrap() < 8, "{seen}");
}

#[test]
fn steps_begin_in_their_directory() {
    let job = Job::new();
    job.scratch.make_folder("a/b").unwrap();
    assert_eq!(text(&job.run(&["pwd"], "a/b", limits())), "/work/a/b\n");
    assert_eq!(text(&job.run(&["pwd"], ".", limits())), "/work\n");
    let missing = job.run(&["pwd"], "none", limits());
    assert!(!missing.succeeded() && missing.exit_code.is_some(), "{missing:?}");
}

#[test]
fn the_owner_can_share_folders() {
    let tools = tempfile::tempdir_in("/var/tmp").unwrap();
    fs::set_permissions(tools.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fs::write(tools.path().join("hello"), "#!/bin/sh\necho shared\n").unwrap();
    fs::set_permissions(
        tools.path().join("hello"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let bind = BindMount { host: tools.path().to_owned(), inside: "/opt/tools".into() };
    let config = SandboxConfig {
        read_only: vec![bind],
        path: vec!["/opt/tools".into()],
        ..Default::default()
    };
    let job = Job::with_config(config);
    assert_eq!(
        text(&job.sh("hello; touch /opt/tools/x 2>/dev/null || echo closed")),
        "shared\nclosed\n"
    );
}

#[test]
fn a_missing_program_or_folder_is_named() {
    let config = SandboxConfig { bubblewrap: "no-such-bwrap".into(), ..Default::default() };
    let error = Sandbox::open(config).unwrap_err().to_string();
    assert!(error.contains("no-such-bwrap") && error.contains("install bubblewrap"), "{error}");
    let bind = BindMount { host: "/no/such/folder".into(), inside: "/opt".into() };
    let error = Sandbox::open(SandboxConfig { read_only: vec![bind], ..Default::default() })
        .unwrap_err()
        .to_string();
    assert!(error.contains("/no/such/folder"), "{error}");
}

//! What the filter of system calls closes, tried from inside a sandbox by this test's own program.

#![allow(unsafe_code, reason = "no library makes the system calls that are to fail")]

mod common;

use std::{collections::BTreeMap, env, fs, io, ptr};

use common::{Job, reachable_folder, text, write_bubblewrap};
use nix::libc::*;
use nosana_sandbox::{CancelToken, Limits, Outcome, Request, Sandbox, SandboxConfig, SandboxError};

/// Names the calls to try, in the process inside the sandbox.
const TRY: &str = "NOSANA_SANDBOX_TEST_TRY";
/// What starts a line of that process.
const MARK: &str = "this call: ";

/// Makes calls and prints how each ends. A call that starts a process ends it.
#[test]
fn try_calls() {
    let Ok(names) = env::var(TRY) else { return };
    for name in names.split(',') {
        let result = try_call(name);
        let result = if result < 0 {
            io::Error::last_os_error().raw_os_error().map_or("?", name_error)
        } else {
            "works"
        };
        println!("{MARK}{name} {result}");
    }
}

fn name_error(error: i32) -> &'static str {
    match error {
        EPERM => "EPERM",
        ENOSYS => "ENOSYS",
        _ => "another error",
    }
}

fn try_call(name: &str) -> i64 {
    let none = ptr::null::<u8>();
    let mut buffer = [0_u8; 256];
    let out = buffer.as_mut_ptr();
    let [key_type, key_name] = [c"user", c"nosana-sandbox-test"].map(|text| text.as_ptr());

    // Pointers are null, or to memory that outlives the call and is as large as the kernel needs.
    unsafe {
        match name {
            "keyctl" => syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1),
            "add_key" => syscall(SYS_add_key, key_type, key_name, c"secret".as_ptr(), 6, -3),
            "request_key" => syscall(SYS_request_key, key_type, key_name, none, 0),
            "vsock" => i64::from(socket(AF_VSOCK, SOCK_STREAM, 0)),
            "packet" => i64::from(socket(AF_PACKET, SOCK_DGRAM, 0)),
            "alg" => i64::from(socket(AF_ALG, SOCK_SEQPACKET, 0)),
            "netfilter" => i64::from(socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)),
            "uevent" => i64::from(socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT)),
            "inet" => i64::from(socket(AF_INET, SOCK_STREAM, 0)),
            "inet6" => i64::from(socket(AF_INET6, SOCK_DGRAM, 0)),
            "unix" => i64::from(socket(AF_UNIX, SOCK_STREAM, 0)),
            "route" => i64::from(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)),
            "io_uring" => syscall(SYS_io_uring_setup, 4, out),
            "ptrace" => syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0),
            "ptrace_first" => syscall(SYS_ptrace, PTRACE_SEIZE, 1, 0, 0),
            "process_vm_readv" => syscall(SYS_process_vm_readv, getpid(), none, 0, none, 0, 0),
            "kcmp" => syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0),
            "userfaultfd" => syscall(SYS_userfaultfd, 1),
            "perf" => syscall(SYS_perf_event_open, out, 0, -1, -1, 0),
            "bpf" => syscall(SYS_bpf, 0, out, 16),
            "unshare" => syscall(SYS_unshare, CLONE_FS),
            "clone_user" => clone_with(CLONE_NEWUSER),
            "clone" => clone_with(0),
            "clone3" => syscall(SYS_clone3, none, 0),
            "setns" => syscall(SYS_setns, -1, 0),
            "mount" => syscall(SYS_mount, none, none, none, 0, none),
            "open_tree" => syscall(SYS_open_tree, AT_FDCWD, c"/".as_ptr(), 0),
            "fsopen" => syscall(SYS_fsopen, c"tmpfs".as_ptr(), 0),
            "open_by_handle_at" => syscall(SYS_open_by_handle_at, AT_FDCWD, none, 0),
            "quotactl" => syscall(SYS_quotactl, 0, none, 0, none),
            "settimeofday" => syscall(SYS_settimeofday, none, none),
            "syslog" => syscall(SYS_syslog, 10, none, 0),
            "tiocsti" => i64::from(ioctl(0, TIOCSTI, out)),
            "personality" => i64::from(personality(READ_IMPLIES_EXEC as c_ulong)),
            "x32" => syscall(SYS_getpid | 0x4000_0000),
            "memfd_secret" => syscall(447, 0),
            _ => panic!("{name} is not a call of this test"),
        }
    }
}

/// Forks with these flags of `clone`.
unsafe fn clone_with(flags: i32) -> i64 {
    let child = unsafe { syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0) };
    match child {
        0 => unsafe { _exit(0) },
        1.. => i64::from(unsafe { waitpid(child as i32, ptr::null_mut(), 0) }),
        _ => child,
    }
}

/// Tries the calls in a sandbox, and returns `name result` for each.
fn try_in(job: &Job, network: bool, names: &[&str]) -> Vec<String> {
    let outcome = run_this_program(job, network, "try_calls", (TRY, &names.join(",")));
    let printed = text(&outcome);
    assert!(outcome.succeeded(), "{outcome:?}: {printed}");
    printed.lines().filter_map(|line| Some(line.split_once(MARK)?.1.to_owned())).collect()
}

/// Runs one test of this program inside.
fn run_this_program(job: &Job, network: bool, test: &str, variable: (&str, &str)) -> Outcome {
    if !job.scratch.work_folder().join("calls").exists() {
        let program = fs::read(env::current_exe().unwrap()).unwrap();
        job.scratch.put_file("calls", &program).unwrap();
    }
    let argv = ["./calls", "--exact", test, "--nocapture"].map(str::to_owned);
    let env = BTreeMap::from([(variable.0.to_owned(), variable.1.to_owned())]);
    let request = Request {
        argv: &argv,
        env: &env,
        directory: "",
        network,
        limits: Limits::default(),
        cancel: &CancelToken::default(),
        observer: None,
    };
    job.sandbox.run(&job.scratch, &request).unwrap()
}

fn with_network() -> Job {
    Job::with_config(SandboxConfig { network: true, ..Default::default() })
}

#[test]
fn forbidden_calls_fail_with_and_without_the_network() {
    let forbidden = [
        "keyctl",
        "add_key",
        "request_key",
        "vsock",
        "packet",
        "alg",
        "netfilter",
        "uevent",
        "ptrace",
        "ptrace_first",
        "process_vm_readv",
        "kcmp",
        "userfaultfd",
        "perf",
        "bpf",
        "unshare",
        "clone_user",
        "setns",
        "mount",
        "open_tree",
        "fsopen",
        "open_by_handle_at",
        "quotactl",
        "settimeofday",
        "syslog",
        "tiocsti",
        "personality",
    ];
    let missing = ["io_uring", "clone3", "x32", "memfd_secret"];
    let expected: Vec<_> = forbidden
        .iter()
        .map(|name| format!("{name} EPERM"))
        .chain(missing.iter().map(|name| format!("{name} ENOSYS")))
        .collect();
    let names = [&forbidden[..], &missing[..]].concat();

    assert_eq!(try_in(&Job::new(), false, &names), expected);
    assert_eq!(try_in(&with_network(), true, &names), expected);
}

#[test]
fn ordinary_calls_work() {
    let names = ["inet", "inet6", "unix", "route", "clone"];
    let expected = names.map(|name| format!("{name} works"));
    assert_eq!(try_in(&Job::new(), false, &names), expected);
    assert_eq!(try_in(&with_network(), true, &names), expected);
}

/// Set in the process inside the sandbox that makes a system call of 32-bit programs.
#[cfg(target_arch = "x86_64")]
const TRY_32_BIT: &str = "NOSANA_SANDBOX_TEST_TRY_32_BIT";

#[test]
#[cfg(target_arch = "x86_64")]
fn calls_of_32_bit_programs_are_no_way_around() {
    const GETPID_32: i64 = 20;

    if env::var_os(TRY_32_BIT).is_some() {
        let result: i64;
        unsafe { std::arch::asm!("int 0x80", inout("rax") GETPID_32 => result) };
        println!("{MARK}{result}");
        return;
    }
    let this = "calls_of_32_bit_programs_are_no_way_around";
    let outcome = run_this_program(&Job::new(), false, this, (TRY_32_BIT, "1"));
    assert_eq!(outcome.signal(), Some(SIGSYS as u8), "{}", text(&outcome));
}

#[test]
fn the_first_process_has_the_filter_too() {
    // It could be made to run other code, if there were a way.
    let printed = text(&Job::new().sh("grep -h '^Seccomp:' /proc/1/status /proc/self/status"));
    assert_eq!(printed, "Seccomp:\t2\nSeccomp:\t2\n");
}

#[test]
fn no_command_runs_without_the_filter() {
    let folder = reachable_folder();
    let without = "for word; do shift; if [ \"$word\" = --add-seccomp-fd ]; then skip=1; \
                   elif [ \"${skip:-}\" ]; then skip=; else set -- \"$@\" \"$word\"; fi; done";
    let second_only = "for word; do shift; case $word in --add-seccomp-fd) ;; 5) ;; \
                       6) set -- \"$@\" --add-seccomp-fd 6 ;; \
                       *) set -- \"$@\" \"$word\" ;; esac; done";
    for change in [without, second_only] {
        let bubblewrap = write_bubblewrap(folder.path(), change);
        let config = SandboxConfig { bubblewrap, ..Default::default() };
        let error = Sandbox::open(config).unwrap_err();
        assert!(matches!(error, SandboxError::NoFilter(_)), "{error}");
        assert!(error.to_string().contains("of 2 programs"), "{error}");
    }
}

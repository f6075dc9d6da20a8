//! Commands that exceed their limits.

mod common;

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use common::{Job, limits, text};
use nosana_sandbox::{CancelToken, Limit, Limits, SandboxError};

#[test]
fn time_is_limited() {
    let begun = Instant::now();
    let short = Limits { time: Duration::from_millis(500), ..limits() };
    let outcome = Job::new().sh_within("trap '' TERM; echo begun; sleep 60 & sleep 60", short);
    assert_eq!((outcome.limit, outcome.exit_code), (Some(Limit::Time), None));
    assert_eq!(text(&outcome), "begun\n");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn memory_of_one_process() {
    let little = Limits { memory_bytes: 128 << 20, ..limits() };
    let grow = "text=; while :; do text=$text$(head -c 2000000 /dev/zero | tr '\\0' x); done";
    let outcome = Job::new().run(&["bash", "-c", grow], "", little);
    assert_eq!(
        (outcome.limit, outcome.exit_code),
        (Some(Limit::Memory), None),
        "{}",
        text(&outcome)
    );
}

/// Doubles a string: `times` 24 is 256 MiB.
fn double(times: u32) -> String {
    format!(
        "awk 'BEGIN {{ s = \"0123456789abcdef\"; for (i = 0; i < {times}; i++) s = s s; \
         system(\"sleep 1\") }}'"
    )
}

#[test]
fn memory_of_one_process_that_grows_quickly() {
    let little = Limits { memory_bytes: 128 << 20, ..limits() };

    // Between two measurements, the kernel's own limit applies: the command fails, unless it
    // exceeds the limit first.
    let outcome = Job::new().sh_within(&double(27), little);
    assert!(outcome.limit == Some(Limit::Memory) || outcome.exit_code != Some(0), "{outcome:?}");
    assert!(Job::new().sh_within(&double(20), little).succeeded());
}

#[test]
fn memory_of_many_processes_together() {
    let little = Limits { memory_bytes: 160 << 20, ..limits() };

    // At least 32 MiB each: none is too large alone.
    let one = double(21);
    let outcome =
        Job::new().sh_within(&format!("for i in 1 2 3 4 5 6 7 8; do {one} & done; wait"), little);
    assert_eq!(outcome.limit, Some(Limit::Memory), "{}", text(&outcome));
    let outcome = Job::new().sh_within(&format!("{one}; echo fine"), little);
    assert_eq!((outcome.limit, text(&outcome)), (None, "fine\n".to_owned()));
}

#[test]
fn memory_in_unlinked_files() {
    let little = Limits { memory_bytes: 128 << 20, ..limits() };
    let hold = "import os, time\nfiles = [os.memfd_create(str(i)) for i in range(20)]\n\
                for file in files: os.write(file, bytes(20 << 20))\ntime.sleep(20)";
    let outcome = Job::new().run(&["python3", "-c", hold], "", little);
    assert_eq!(outcome.limit, Some(Limit::Memory), "this test needs python3: {}", text(&outcome));
}

#[test]
fn processes_are_limited() {
    let few = Limits { processes: 40, ..limits() };
    let begun = Instant::now();
    let outcome =
        Job::new().run(&["bash", "-c", "bomb() { bomb | bomb & }; bomb; sleep 30"], "", few);
    assert_eq!(outcome.limit, Some(Limit::Processes), "{}", text(&outcome));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    let outcome =
        Job::new().sh_within("for i in $(seq 30); do sleep 1 & done; wait; echo fine", few);
    assert_eq!((outcome.limit, text(&outcome)), (None, "fine\n".to_owned()));
}

#[test]
fn disk_in_one_file_and_in_many() {
    // A busy machine creates many names slowly; none of these lines ends by itself in this time.
    let patient = Duration::from_secs(150);
    let little = Limits { disk_bytes: 8 << 20, time: patient, ..limits() };
    for line in [
        "cat /dev/zero > /work/large",
        "cat /dev/zero > /tmp/large",
        "i=0; while :; do i=$((i+1)); mkdir -p d; head -c 500000 /dev/zero > d/$i; done",
        "head -c 5000000 /dev/zero > /work/a; head -c 5000000 /dev/zero > /tmp/b; sleep 200",
        // Deleted, but open: they are in no folder.
        "exec 7>a 8>b; rm a b; head -c 5000000 /dev/zero >&7; \
         head -c 5000000 /dev/zero >&8; sleep 200",
        // Only names.
        "mkdir n; cd n; seq 200000 | xargs touch; sleep 200",
    ] {
        let job = Job::new();
        let begun = Instant::now();
        let outcome = job.sh_within(line, little);
        assert_eq!(outcome.limit, Some(Limit::Disk), "{line}: {}", text(&outcome));
        assert!(begun.elapsed() < patient, "{line}: {:?}", begun.elapsed());
    }
    let outcome = Job::new()
        .sh_within("head -c 5000000 /dev/zero > a; ln a b; ln a c; sleep 1; echo fine", little);
    assert_eq!((outcome.limit, text(&outcome)), (None, "fine\n".to_owned()));
}

#[test]
fn a_long_output_is_cut_in_the_middle_and_the_command_continues() {
    let little = Limits { output_bytes: 10_000, ..limits() };
    let outcome = Job::new().sh_within("seq 1 300000; echo the end", little);
    assert!(outcome.succeeded() && outcome.output_truncated, "{outcome:?}");
    let printed = text(&outcome);
    assert!(printed.len() <= 10_000 && printed.starts_with("1\n2\n"), "{printed}");
    assert!(printed.ends_with("\n300000\nthe end\n"), "{printed}");
    assert!(printed.contains("\n[node] ") && printed.contains("are left out here"), "{printed}");
    let exact = Job::new().sh_within("head -c 10000 /dev/zero", little);
    assert_eq!((exact.limit, exact.output.len(), exact.output_truncated), (None, 10_000, false));
}

#[test]
fn cores_are_limited() {
    let job = Job::new();
    let outcome = job.sh_within("nproc", Limits { cpus: 1, ..limits() });
    let printed = text(&outcome);

    // With cgroups, processor time is limited and not the number of cores.
    assert!(printed == "1\n" || job.sandbox.enforcement().cpus.starts_with("cgroup"), "{printed}");
}

#[test]
fn a_limit_ends_everything() {
    let job = Job::new();
    let short = Limits { time: Duration::from_millis(400), ..limits() };
    let outcome = job.sh_within(
        "setsid sh -c 'while :; do date > /work/alive; sleep 0.02; done' & sleep 60",
        short,
    );
    assert_eq!(outcome.limit, Some(Limit::Time));
    let alive = job.scratch.work_folder().join("alive");
    fs::remove_file(&alive).unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(!alive.exists());
}

#[test]
fn a_cancelled_command_ends_immediately() {
    let job = Job::new();
    let cancel = CancelToken::default();
    let begun = Instant::now();
    let ended = thread::scope(|scope| {
        let running = scope.spawn(|| job.run_until(&cancel, &["/bin/sleep", "20"], "", limits()));
        thread::sleep(Duration::from_millis(300));
        cancel.cancel();
        running.join().unwrap()
    });
    assert!(matches!(ended, Err(SandboxError::Cancelled)), "{ended:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn the_host_has_priority_and_is_killed_last() {
    let own = std::process::Command::new("nice").output().unwrap();
    let nice = (String::from_utf8_lossy(&own.stdout).trim().parse::<i32>().unwrap() + 10).min(19);
    let job = Job::new();
    let line = "cat /proc/self/oom_score_adj; nice";
    assert_eq!(text(&job.sh(line)), format!("1000\n{nice}\n"));
    let undo = "(echo 0 > /proc/self/oom_score_adj) 2>/dev/null && echo undone; \
                (echo 0 > /proc/1/oom_score_adj) 2>/dev/null && echo undone; \
                renice -n 0 -p $$ >/dev/null 2>&1 && echo undone; \
                chrt -r -p 1 $$ 2>/dev/null && echo undone";
    assert_eq!(text(&job.sh(&format!("{undo} || true; {line}"))), format!("1000\n{nice}\n"));
}

#[test]
fn limits_beyond_the_host_are_refused() {
    let sandbox = Job::new().sandbox;
    let host = sandbox.host_resources();
    assert!(host.memory_bytes > 0 && host.cpus > 0 && host.processes > 0, "{host:?}");
    let all = Limits {
        memory_bytes: host.memory_bytes,
        cpus: host.cpus,
        processes: host.processes,
        ..limits()
    };
    sandbox.check_limits(&Limits { disk_bytes: 0, ..all }).unwrap();
    let too_much = [
        Limits { memory_bytes: 1 << 60, ..all },
        Limits { cpus: 100_000, ..all },
        Limits { processes: 1 << 60, ..all },
        Limits { disk_bytes: 1 << 60, ..all },
    ];
    for limits in too_much {
        let refused = sandbox.check_limits(&limits).unwrap_err();
        assert!(matches!(refused, SandboxError::TooLarge { .. }), "{refused}");
    }
}

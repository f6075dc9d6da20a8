//! What a container finds: its work folder, its volumes and its shared memory.

mod common;
#[path = "common/shell.rs"]
mod shell;

use nosana_container::{ContainerJob, Mount};
use shell::{Shell, run, shell, text};

#[test]
fn a_missing_work_folder_is_made() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let mounts = [Mount { name: "data", path: "/data" }];

    for folder in ["/made/for/it", "/made//twice/./", "/data/below", "/data", "/root/inside", "/"] {
        let line = "echo here > file && cat \"$PWD/file\"";
        let outcome =
            run(&job, Shell { work_dir: Some(folder), mounts: &mounts, ..shell(line) }).unwrap();
        assert_eq!(
            (outcome.exit_code, text(&outcome.log)),
            (Some(0), "here\n"),
            "{folder}: {outcome:?}"
        );
    }
}

#[test]
fn a_folder_of_the_image_stays_as_it_is() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let list = "ls -ld /root; ls -l /bin";
    let without = run(&job, shell(list)).unwrap();

    for folder in ["/root", "/bin", "/root/new/folder"] {
        let outcome = run(&job, Shell { work_dir: Some(folder), ..shell(list) }).unwrap();
        let links = |log: &[u8]| text(log).split_whitespace().nth(1).map(str::to_owned);
        let modes = |log: &[u8]| text(log).split_whitespace().next().map(str::to_owned);
        assert_eq!(modes(&outcome.log), modes(&without.log), "{folder}");
        assert_eq!(links(&outcome.log) == links(&without.log), !folder.ends_with("new/folder"));
        let programs = |log: &[u8]| text(log).split_once("total").map(|(_, rest)| rest.to_owned());
        assert_eq!(programs(&outcome.log), programs(&without.log), "{folder}");
    }
}

#[test]
fn a_work_folder_that_cannot_be_made_is_the_definitions_fault() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let outcome = run(&job, Shell { work_dir: Some("/bin/sh/below"), ..shell("true") }).unwrap();
    assert!(matches!(outcome.exit_code, Some(126 | 127)), "{outcome:?}");
    assert!(text(&outcome.log).contains("/bin/sh"), "{}", text(&outcome.log));
}

#[test]
fn volumes_may_have_any_name_that_a_definition_may_give() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let [first, second] = ["gpt-oss:20b", "gpt-oss.20b"];
    let [a, b] = [first, second].map(|name| [Mount { name, path: "/data" }]);

    run(&job, Shell { mounts: &a, ..shell("echo a > /data/it") }).unwrap();
    run(&job, Shell { mounts: &b, ..shell("echo b > /data/it") }).unwrap();
    let outcome = run(&job, Shell { mounts: &a, ..shell("cat /data/it") }).unwrap();
    assert_eq!(text(&outcome.log), "a\n", "they are different volumes");
}

#[test]
fn shared_memory_is_as_large_as_the_memory() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let mut shell = shell("head -c 100000000 /dev/zero > /dev/shm/batch && ls -l /dev/shm/batch");
    shell.limits.memory_bytes = 256 << 20;

    let outcome = run(&job, shell).unwrap();
    assert_eq!(outcome.exit_code, Some(0), "{outcome:?}");
    assert!(text(&outcome.log).contains(" 100000000 "), "{}", text(&outcome.log));
}

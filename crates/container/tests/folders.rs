//! What a container finds: its work folder, its volumes and its shared memory.

mod common;
#[path = "common/shell.rs"]
mod shell;

use std::fs;

use nosana_container::{ContainerJob, HostFolder, Mount};
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
fn folders_of_the_host_are_read_only_or_copies() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let host = tempfile::tempdir().unwrap();
    fs::create_dir(host.path().join("below")).unwrap();
    fs::write(host.path().join("below/model"), "weights\n").unwrap();
    let folder = |is_copied| [HostFolder { folder: host.path(), path: "/opt/models/", is_copied }];

    let line = "cat /opt/models/below/model; echo x > /opt/models/new || echo refused";
    let outcome = run(&job, Shell { folders: &folder(false), ..shell(line) }).unwrap();
    assert_eq!(text(&outcome.stdout), "weights\nrefused\n", "{outcome:?}");

    let line = "echo more >> /opt/models/below/model && cat /opt/models/below/model";
    let outcome = run(&job, Shell { folders: &folder(true), ..shell(line) }).unwrap();
    assert_eq!(text(&outcome.stdout), "weights\nmore\n", "{outcome:?}");
    assert_eq!(fs::read_to_string(host.path().join("below/model")).unwrap(), "weights\n");
}

#[test]
fn nothing_changes_a_folder_of_the_host_that_is_only_read() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let host = tempfile::tempdir().unwrap();
    fs::create_dir(host.path().join("onnx")).unwrap();
    fs::write(host.path().join("onnx/model"), "weights\n").unwrap();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("model"), "other\n").unwrap();
    let models = HostFolder { folder: host.path(), path: "/opt/models", is_copied: false };

    for path in ["/opt/models/onnx", "/opt/models/new", "/opt//models"] {
        let copy = HostFolder { folder: other.path(), path, is_copied: true };
        let folders = [models, copy];
        let copied = run(&job, Shell { folders: &folders, ..shell("true") }).unwrap();
        let mounts = [Mount { name: "data", path }];
        let one = Shell { folders: &folders[..1], mounts: &mounts, ..shell("true") };
        let mounted = run(&job, one).unwrap();

        for outcome in [copied, mounted] {
            assert_eq!(outcome.exit_code, Some(127), "{outcome:?}");
            assert!(text(&outcome.log).contains(path), "{}", text(&outcome.log));
        }
    }
    assert_eq!(fs::read_to_string(host.path().join("onnx/model")).unwrap(), "weights\n");
    assert_eq!(fs::read_dir(host.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_is_mounted_where_another_one_has_a_place_for_it() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let outer = tempfile::tempdir().unwrap();
    fs::create_dir_all(outer.path().join("a/pooling")).unwrap();
    fs::write(outer.path().join("config"), "outer\n").unwrap();
    let inner = tempfile::tempdir().unwrap();
    fs::write(inner.path().join("config"), "inner\n").unwrap();

    let folder = |folder, path| HostFolder { folder, path, is_copied: false };
    let [models, pooling] =
        [folder(outer.path(), "/opt/models"), folder(inner.path(), "/opt/models/a/pooling/")];
    let line = "cat /opt/models/config /opt/models/a/pooling/config; \
                echo x > /opt/models/a/pooling/new || echo refused; \
                echo x > /opt/models/new || echo refused";
    for folders in [[models, pooling], [pooling, models]] {
        let outcome = run(&job, Shell { folders: &folders, ..shell(line) }).unwrap();
        assert_eq!(text(&outcome.stdout), "outer\ninner\nrefused\nrefused\n", "{outcome:?}");
    }
    assert_eq!(fs::read_dir(outer.path().join("a/pooling")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(inner.path()).unwrap().count(), 1);
}

#[test]
fn a_copy_without_a_place_in_the_image_is_the_definitions_fault() {
    let Ok(engine) = common::engine() else { return };
    let job = ContainerJob::new(engine);
    let host = tempfile::tempdir().unwrap();
    fs::write(host.path().join("model"), "weights\n").unwrap();
    let folders = [HostFolder { folder: host.path(), path: "/bin/sh/below", is_copied: true }];

    let outcome = run(&job, Shell { folders: &folders, ..shell("true") }).unwrap();
    assert_eq!(outcome.exit_code, Some(127), "{outcome:?}");
    assert!(text(&outcome.log).contains("/bin/sh/below"), "{}", text(&outcome.log));
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

//! Inputs of a work folder, and the files that are collected from it.

mod common;

use std::{collections::BTreeMap, io::Read, os::unix::fs::symlink};

use common::{Job, limits, text};
use nosana_sandbox::{CollectedFiles, Limit, Limits, check_archive};
use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
use tar::{Builder, EntryType, Header};

fn contents(found: &CollectedFiles) -> BTreeMap<&str, String> {
    let read = |file: &nosana_sandbox::FoundFile| {
        let mut text = String::new();
        file.open().unwrap().read_to_string(&mut text).unwrap();
        text
    };
    found.files.iter().map(|file| (file.path.as_str(), read(file))).collect()
}

fn collect(job: &Job, patterns: &[&str]) -> CollectedFiles {
    job.scratch
        .collect_files(&patterns.iter().map(|pattern| pattern.to_string()).collect::<Vec<_>>())
        .unwrap()
}

fn reason<'a>(found: &'a CollectedFiles, path: &str) -> &'a str {
    let reasons: Vec<_> = found.left_out.iter().filter(|left| left.path == path).collect();
    assert_eq!(reasons.len(), 1, "{path}: {:?}", found.left_out);
    &reasons[0].reason
}

#[test]
fn artifacts_are_found_by_pattern() {
    let job = Job::new();
    assert!(
        job.sh(
            "mkdir -p out/deep; echo 1 > out/a.xml; echo 2 > out/b.txt; echo 3 > out/deep/c.xml"
        )
        .succeeded()
    );
    let paths = |patterns: &[&str]| {
        collect(&job, patterns).files.into_iter().map(|f| f.path).collect::<Vec<_>>()
    };
    assert_eq!(paths(&["out/*.xml"]), ["out/a.xml"]);
    assert_eq!(paths(&["**/*.xml"]), ["out/a.xml", "out/deep/c.xml"]);
    assert_eq!(paths(&["out"]), ["out/a.xml", "out/b.txt", "out/deep/c.xml"]);
    assert_eq!(paths(&["out/b.txt", "out/?.txt"]), ["out/b.txt"]);
    let found = collect(&job, &["out/b.txt", "none/*"]);
    assert_eq!(contents(&found), BTreeMap::from([("out/b.txt", "2\n".to_owned())]));
    assert!(reason(&found, "none/*").contains("nothing has this name"));
}

#[test]
fn links_are_not_followed() {
    let job = Job::new();
    let outcome = job
        .sh("ln -s /etc/passwd passwd; ln -s /etc etc; ln -s ../../../../etc/passwd up; \
                          echo mine > mine; ln -s mine near; mkdir d; ln -s / d/root; mkfifo pipe");
    assert!(outcome.succeeded(), "{}", text(&outcome));

    // A file of the host, in case the sandbox's own `/etc` hides a leak.
    symlink("/etc/hostname", job.scratch.work_folder().join("planted")).unwrap();
    let found = collect(
        &job,
        &["passwd", "etc", "etc/passwd", "up", "near", "d", "pipe", "planted", "mine"],
    );
    assert_eq!(contents(&found), BTreeMap::from([("mine", "mine\n".to_owned())]));
    for link in ["passwd", "etc", "up", "near", "d/root", "planted"] {
        assert_eq!(reason(&found, link), "it is a symbolic link");
    }
    assert_eq!(reason(&found, "pipe"), "it is not a regular file");
    assert!(reason(&found, "etc/passwd").contains("links to folders are not followed"));

    // A file that becomes a link between search and reading is not followed either.
    let found = collect(&job, &["mine"]);
    std::fs::remove_file(job.scratch.work_folder().join("mine")).unwrap();
    symlink("/etc/passwd", job.scratch.work_folder().join("mine")).unwrap();
    assert!(found.files[0].open().is_err());
}

#[test]
fn inputs_exist_before_the_first_step() {
    let job = Job::new();
    job.scratch.put_file("bin/run.sh", b"#!/bin/sh\necho from a file\n").unwrap();
    let mut archive = Builder::new(Vec::new());
    for (path, content) in [("src/a", "from an archive"), ("b", "too")] {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, content.as_bytes()).unwrap();
    }
    job.scratch.unpack_archive("unpacked", &archive.into_inner().unwrap(), 1 << 20).unwrap();
    let outcome = job.sh(
        "bin/run.sh; cat unpacked/src/a; echo more >> unpacked/src/a; mv unpacked/b unpacked/c",
    );
    assert_eq!(
        (text(&outcome).as_str(), outcome.exit_code),
        ("from a file\nfrom an archive", Some(0))
    );
    for path in ["../out", "/etc/x", "a/../../x", ""] {
        assert!(job.scratch.put_file(path, b"").is_err(), "{path}");
    }
}

#[test]
fn sparse_files_of_an_archive_get_their_holes_back_or_are_refused() {
    let job = Job::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disk.img");
    std::fs::File::create(&path).unwrap().set_len(1 << 20).unwrap();
    let made = std::process::Command::new("tar")
        .args(["--sparse", "--format=gnu", "-cf", "archive.tar", "disk.img"])
        .current_dir(folder.path())
        .status();
    assert!(made.unwrap().success(), "this test needs GNU tar");
    let archive = std::fs::read(folder.path().join("archive.tar")).unwrap();
    assert!(archive.len() < 1 << 20, "tar has left out the holes");

    assert!(check_archive(&archive[..], 1 << 19).unwrap_err().contains("disk limit"));
    job.scratch.unpack_archive("other", &archive, 2 << 20).unwrap();
    let line = "stat -c %s other/disk.img; tr -d '\\0' < other/disk.img | wc -c";
    assert_eq!(text(&job.sh(line)), "1048576\n0\n");

    // The content of such an entry is a map of its holes.
    let mut archive = Builder::new(Vec::new());
    archive.append_pax_extensions([("GNU.sparse.major", &b"1"[..])]).unwrap();
    let mut header = Header::new_ustar();
    header.set_size(4);
    archive.append_data(&mut header, "disk.img", &b"1\n0\n"[..]).unwrap();
    let archive = archive.into_inner().unwrap();
    let refused = job.scratch.unpack_archive("third", &archive, 1 << 20).unwrap_err().to_string();
    assert!(refused.contains("sparse file"), "{refused}");
    assert!(check_archive(&archive[..], 1 << 20).is_err());
}

/// An archive of one entry, with a path that the writer would refuse.
fn hostile(kind: EntryType, path: &str, target: &str, content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    if !target.is_empty() {
        header.set_link_name_literal(target).unwrap();
    }
    header.set_cksum();
    let mut archive = Builder::new(Vec::new());
    archive.append(&header, content).unwrap();
    archive.into_inner().unwrap()
}

#[test]
fn archives_cannot_leave_their_folder() {
    let job = Job::new();
    let outside = job.scratch.work_folder().parent().unwrap().join("escaped");
    let refused = |archive: &[u8]| {
        job.scratch.unpack_archive("in", archive, 1 << 20).unwrap_err().to_string()
    };
    assert!(refused(&hostile(EntryType::Regular, "../../escaped", "", b"x")).contains("outside"));
    assert!(refused(&hostile(EntryType::Char, "device", "", b"")).contains("neither a file"));
    assert!(refused(&hostile(EntryType::Link, "hard", "/etc/passwd", b"")).contains("hard"));
    assert!(
        refused(&hostile(EntryType::Regular, "large", "", &vec![0; 2 << 20]))
            .contains("disk limit")
    );
    assert!(
        refused(b"not an archive at all, but long enough to be read as a header")
            .contains("cannot be unpacked")
    );
    let deep = "d/".repeat(45);
    let mut archive = Builder::new(Vec::new());
    for index in 0..20 {
        let mut header = Header::new_gnu();
        header.set_size(0);
        archive.append_data(&mut header, format!("{index}/{deep}x"), &b""[..]).unwrap();
    }

    // No bytes in files, but 4 MiB of folders.
    assert!(refused(&archive.into_inner().unwrap()).contains("disk limit"));
    let mut archive = Builder::new(Vec::new());
    let mut header = Header::new_gnu();
    header.set_size(0);
    archive.append_data(&mut header, deep.repeat(3), &b""[..]).unwrap();
    assert!(refused(&archive.into_inner().unwrap()).contains("folders deep"));

    // A link out of the folder is allowed, since only the sandbox follows it; nothing is written
    // through it.
    job.scratch
        .unpack_archive("in", &hostile(EntryType::Symlink, "up", "../..", b""), 1 << 20)
        .unwrap();
    refused(&hostile(EntryType::Regular, "up/escaped", "", b"x"));
    assert!(job.scratch.put_file("in/up/escaped", b"x").is_err());
    assert!(!outside.exists());
}

#[test]
fn closed_folders_stay_closed_and_are_deleted() {
    let job = Job::new();
    let folder = job.scratch.work_folder();
    assert!(
        job.sh("mkdir -p a/b c; touch a/b/c; head -c 3000000 /dev/zero > c/d; \
             chmod 0 a/b; chmod 400 c; sleep 0.3")
            .succeeded()
    );
    assert_eq!(text(&job.sh("stat -c %a a/b c")), "0\n400\n");

    // Their content counts.
    let little = Limits { disk_bytes: 2 << 20, ..limits() };
    assert_eq!(job.run(&["sleep", "20"], "", little).limit, Some(Limit::Disk));
    let enough = Limits { disk_bytes: 5 << 20, ..limits() };
    assert!(job.run(&["sleep", "0.3"], "", enough).succeeded());
    drop(job);
    assert!(!folder.exists());
}

#[test]
fn folders_too_deep_for_a_path_are_deleted() {
    let job = Job::new();

    // Like a command that is faster than the next measurement of its disk.
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = open(job.scratch.work_folder(), flags, Mode::empty()).unwrap();
    for _ in 0..5_000 {
        mkdirat(&at, "deep", Mode::RWXU).unwrap();
        at = openat(&at, "deep", flags, Mode::empty()).unwrap();
    }
    let base = job.scratch.work_folder().parent().unwrap().to_owned();

    // Recursion would overflow a small stack.
    std::thread::Builder::new()
        .stack_size(128 << 10)
        .spawn(move || drop(job))
        .unwrap()
        .join()
        .unwrap();
    assert!(!base.exists());
}

#[test]
fn other_users_of_the_host_see_nothing() {
    use std::os::unix::fs::MetadataExt;
    let job = Job::new();
    assert!(
        job.sh("echo secret > /work/key; echo secret > /tmp/key; chmod -R a+rwX /work /tmp")
            .succeeded()
    );
    let base = job.scratch.work_folder().parent().unwrap().to_owned();
    let runner = std::fs::metadata(job.scratch.work_folder()).unwrap().uid();
    assert_eq!(std::fs::metadata(&base).unwrap().mode() & 0o707, 0o700);
    for folder in [".", "etc"].map(|name| std::fs::metadata(base.join(name)).unwrap()) {
        assert_eq!(folder.mode() & 0o067, 0, "{folder:?}");
    }
    assert_eq!(std::fs::metadata(base.join("etc")).unwrap().uid(), runner);
    std::thread::spawn(move || {
        // Only for this thread; without root the user stays the owner, who can read the files.
        let before = nix::unistd::setfsuid(4321.into());
        let closed = ["work/key", "tmp/key", "etc/passwd", ""]
            .map(|name| std::fs::metadata(base.join(name)).is_err());
        assert!(!before.is_root() || closed == [true, true, true, false], "{closed:?}");
    })
    .join()
    .unwrap();
    assert_eq!(text(&Job::new().sh("stat -c %a /work /tmp")), "700\n700\n");
}

//! What jobs of one machine share: neither keys nor a user.

#![allow(unsafe_code, reason = "no library makes the system calls for keys")]

mod common;

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, lchown},
    ptr,
};

use common::{Job, reachable_folder, text, write_bubblewrap};
use nix::libc::*;
use nosana_sandbox::{Sandbox, SandboxConfig};

#[test]
fn keys_of_the_node_are_out_of_reach() {
    let job = Job::new();
    assert_eq!(text(&job.sh("cat /proc/keys /proc/key-users")), "");

    // A key that only those who hold this process's session keyring can see.
    let [key_type, key_name] = [c"user", c"nosana-sandbox-test"].map(|text| text.as_ptr());
    let session = KEY_SPEC_SESSION_KEYRING;
    let key = unsafe {
        syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, ptr::null::<u8>());
        syscall(SYS_add_key, key_type, key_name, c"secret".as_ptr(), 6, session)
    };
    if key < 0 {
        println!("skipped: this host has no keyrings: {}", io::Error::last_os_error());
        return;
    }
    let possessor_only = 0x3f00_0000;
    assert_eq!(unsafe { syscall(SYS_keyctl, KEYCTL_SETPERM, key, possessor_only) }, 0);
    let is_listed = |keys: &str| keys.contains("nosana-sandbox-test");
    assert!(is_listed(&fs::read_to_string("/proc/keys").unwrap()));

    // bubblewrap, and thus the command, holds another session keyring.
    let folder = reachable_folder();
    let keys = folder.path().join("keys");
    fs::write(&keys, "").unwrap();
    fs::set_permissions(&keys, PermissionsExt::from_mode(0o666)).unwrap();
    let change = format!("cat /proc/keys >> {}", keys.display());
    let bubblewrap = write_bubblewrap(folder.path(), &change);
    let job = Job::with_config(SandboxConfig { bubblewrap, ..Default::default() });
    assert!(job.sh("true").succeeded());
    let seen = fs::read_to_string(&keys).unwrap();
    assert!(seen.contains("keyring") && !is_listed(&seen), "{seen}");
}

#[test]
fn jobs_have_users_of_their_own() {
    if !nix::unistd::Uid::current().is_root() {
        println!("skipped: a node that does not run as root runs all commands as its own user");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    if lchown(folder.path(), Some(2_100_000_000), None).is_err() {
        println!("skipped: in this container, files cannot belong to every user");
        return;
    }
    let sandbox = Sandbox::open(SandboxConfig::default()).unwrap();
    let jobs = [(); 3]
        .map(|()| Job { sandbox: sandbox.clone(), scratch: sandbox.create_scratch().unwrap() });

    // On the host, a file belongs to the user of its job; inside, all look alike.
    let users = jobs.each_ref().map(|job| {
        assert_eq!(text(&job.sh("touch file; stat -c %u file")), "1000\n");
        owner_of(job)
    });
    assert!(users[0] != users[1] && users[1] != users[2] && users[0] != users[2], "{users:?}");
    assert!(users.iter().all(|user| *user >= 2_100_000_000), "{users:?}");

    // Users can be named, and are used again.
    let named = Job::with_config(SandboxConfig { run_as: Some(4242..=4243), ..Default::default() });
    assert!(named.sh("touch file").succeeded());
    assert_eq!(owner_of(&named), 4242);
}

/// Returns the user to whom the host assigns a file of the job.
fn owner_of(job: &Job) -> u32 {
    fs::metadata(job.scratch.work_folder().join("file")).unwrap().uid()
}

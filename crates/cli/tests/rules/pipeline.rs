//! A real pipeline: this project's `cargo test -p nosana-protocol` as a job.

use std::{
    env,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use super::site::Site;

/// Creates a workspace with only the protocol's crate, the page that its tests read, and this
/// workspace's versions.
fn create_project(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let crate_folder = folder.join("crates/protocol");
    copy_folder(&root.join("crates/protocol"), &crate_folder);
    let manifest = read("Cargo.toml");
    let (before, members) = manifest.split_once("members = [").unwrap();
    let (_, after) = members.split_once(']').unwrap();
    fs::write(folder.join("Cargo.toml"), format!("{before}members = [\"crates/protocol\"]{after}"))
        .unwrap();
    fs::write(folder.join("Cargo.lock"), read("Cargo.lock")).unwrap();

    let page = "docs/verification.md";
    fs::create_dir(folder.join("docs")).unwrap();
    fs::write(folder.join(page), read(page)).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// The host's Rust toolchain and fetched crates, which the owner of a node for Rust pipelines
/// mounts in the sandbox.
///
/// The user who runs commands cannot read root's home, so a node that runs as root mounts links to
/// it, in `folder`.
fn read_only_mounts(folder: &Path) -> String {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
    let mut sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).unwrap().trim());
    let home = || env::home_dir().unwrap().join(".cargo");
    let mut registry = env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from).join("registry");
    if fs::metadata(folder).unwrap().uid() == 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        sysroot = link_tree(&sysroot, &folder.join("rust"));
        registry = link_registry(&registry, &folder.join("registry"));
    }
    format!("{}=/opt/rust:{}=/opt/cargo/registry", sysroot.display(), registry.display())
}

fn link_tree(from: &Path, to: &Path) -> PathBuf {
    let linked = Command::new("cp").arg("-al").args([from, to]).status().unwrap();
    assert!(
        linked.success(),
        "the temporary folder and {} must be on the same file system",
        from.display()
    );
    to.to_path_buf()
}

/// Links the registry, but only the sources that the protocol's crate needs: all of them are some
/// hundred thousand files.
fn link_registry(from: &Path, to: &Path) -> PathBuf {
    let needed = needed_packages();
    fs::create_dir(to).unwrap();
    for name in ["index", "cache"] {
        link_tree(&from.join(name), &to.join(name));
    }

    for source in fs::read_dir(from.join("src")).unwrap().map(Result::unwrap) {
        let target = to.join("src").join(source.file_name());
        fs::create_dir_all(&target).unwrap();
        for package in &needed {
            let package_source = source.path().join(package);
            if package_source.is_dir() {
                link_tree(&package_source, &target.join(package));
            }
        }
    }
    to.to_path_buf()
}

/// The packages of the protocol's crate and its tests, as cargo names their folders. A build
/// fetches only those of this platform, and the lock file has others: they may come from the
/// registry here.
fn needed_packages() -> Vec<String> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--package", "nosana-protocol"]);
    let output =
        tree.args(["--target", "all", "--prefix", "none", "--format", "{p}"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");

    let text = String::from_utf8(output.stdout).unwrap();
    let folder = |line: &str| {
        let mut words = line.split_whitespace();
        Some(format!("{}-{}", words.next()?, words.next()?.strip_prefix('v')?))
    };
    text.lines().filter_map(folder).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protocols_own_tests_run_as_a_job() {
    let site = Site::start(60, 0).await;
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let mut command = site.nosana(&site.world.node, &["node", "run"], &rpc, &ws);
    let tools = tempfile::tempdir().unwrap();
    command
        .env("NOSANA_SANDBOX_READ_ONLY", read_only_mounts(tools.path()))
        .env("NOSANA_SANDBOX_PATH", "/opt/rust/bin");
    let mut node = site.start_node(command);
    node.says("Working.").await;

    let folder = tempfile::tempdir().unwrap();
    create_project(folder.path());
    let mut command = site.nosana(&site.world.client, &["job", "run"], &rpc, &ws);
    command.arg("--input").arg(folder.path()).args([
        "--env",
        "CARGO_HOME=/opt/cargo",
        "--memory-mib",
        "3000",
    ]);
    command.args(["--yes", "--wait", "--", "cargo test --offline -p nosana-protocol"]);
    let testing = tokio::task::spawn_blocking(move || command.output().unwrap());
    // However long the job takes: a node that gives it back lets its client wait without effect.
    let given_back = async {
        while !node.log().contains("gave back") {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    let tested = tokio::select! {
        tested = testing => tested.unwrap(),
        () = given_back => panic!("{}", node.log()),
    };
    let log = String::from_utf8_lossy(&tested.stdout);
    let stderr = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{log}\n{stderr}");
    assert!(log.contains("test settlement::") && log.contains("test result: ok."), "{log}");
    node.leaves().await;
}

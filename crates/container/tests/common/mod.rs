//! An image of this host's own programs: nothing is downloaded.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use nosana_container::{ContainerConfig, Engine};

/// The image's name.
pub const IMAGE: &str = "localhost/nosana-test:3";
/// Set where an engine must work: tests fail there if none does.
const REQUIRED: &str = "NOSANA_TEST_CONTAINERS";
/// The programs in the image. A new list needs a new tag above.
const PROGRAMS: [&str; 10] =
    ["sh", "cat", "sleep", "mkdir", "ls", "seq", "head", "env", "id", "perl"];

/// Returns the host's engine with [`IMAGE`], or why none works: the tests then check the refusal,
/// and print it.
pub fn engine() -> Result<&'static Engine, String> {
    static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    let opened = ENGINE.get_or_init(|| {
        let engine =
            Engine::open(ContainerConfig::from_env()).map_err(|error| error.to_string())?;
        let program = engine.kind().to_string();
        if !has_image(&program) {
            make_image(&program);
        }
        Ok(engine)
    });

    let engine = opened.as_ref().map_err(Clone::clone);
    if let Err(reason) = &engine {
        let is_required = std::env::var(REQUIRED).is_ok_and(|value| value == "required");
        assert!(!is_required, "{REQUIRED}=required, and {reason}");

        eprintln!("NOTICE: tests of containers check only that they are refused: {reason}");
        let is_disabled = ContainerConfig::from_env().disabled;
        assert!(
            reason.contains("no container engine works here") && reason.contains("podman: ")
                || is_disabled && reason.contains("runs no containers"),
            "{reason}"
        );
    }
    engine
}

fn has_image(engine: &str) -> bool {
    let inspected = Command::new(engine).args(["image", "inspect", IMAGE]).output().unwrap();
    inspected.status.success()
}

fn make_image(engine: &str) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    ["tmp", "etc", "root"].iter().for_each(|name| fs::create_dir_all(root.join(name)).unwrap());
    let mut libraries = BTreeSet::new();
    for program in PROGRAMS {
        let found = ["/usr/bin", "/bin"]
            .iter()
            .map(|folder| Path::new(folder).join(program))
            .find(|path| path.exists());
        let found = found.unwrap_or_else(|| panic!("this host has no {program}"));
        copy_file(&found, &root.join("bin").join(program));
        let linked = Command::new("ldd").arg(&found).output().unwrap();
        let linked = String::from_utf8(linked.stdout).unwrap();
        libraries.extend(
            linked.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from),
        );
    }
    for library in libraries {
        copy_file(&library, &root.join(library.strip_prefix("/").unwrap()));
    }
    let archive = folder.path().join("root.tar");
    let packed = Command::new("tar")
        .arg("-cf")
        .arg(&archive)
        .arg("-C")
        .arg(&root)
        .arg(".")
        .status()
        .unwrap();
    assert!(packed.success());
    let mut import = Command::new(engine);
    import
        .args(["import", "-", IMAGE])
        .stdin(File::open(&archive).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    assert!(import.status().unwrap().success());
}

fn copy_file(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(fs::canonicalize(from).unwrap(), to).unwrap();
}

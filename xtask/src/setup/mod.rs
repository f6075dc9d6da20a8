//! `cargo xtask setup`: installs the system packages that the build needs.
//!
//! A complete machine runs no package manager, so every command that needs the packages can call
//! this first.

pub mod apt;
pub mod browser;
pub mod container;
mod namespaces;
mod node;

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

pub use apt::Package;

use crate::shell;

/// The packages that the host workspace needs. The build or a test fails without each of them.
const PACKAGES: &[Package] = &[
    Package {
        debian: "build-essential",
        command: Some("c++"),
        why: "compiles C and C++ code of dependencies (llama.cpp, zstd)",
    },
    Package { debian: "pkg-config", command: Some("pkg-config"), why: "finds OpenSSL" },
    Package {
        debian: "libssl-dev",
        command: None,
        why: "used by Solana's network crates; building OpenSSL from source takes minutes",
    },
    Package {
        debian: "python3-pip",
        command: None,
        why: "fetches hash-checked binaries from the Python package index",
    },
    Package {
        debian: "python3-venv",
        command: None,
        why: "makes the environment in which the Python client is tested",
    },
    Package { debian: "cmake", command: Some("cmake"), why: "builds llama.cpp" },
    Package {
        debian: "libclang-dev",
        command: None,
        why: "reads llama.cpp's headers, from which its Rust interface is made",
    },
    Package { debian: "bubblewrap", command: None, why: "runs the commands of jobs in a sandbox" },
];

/// Commands that install the same packages on other systems.
const OTHER_SYSTEMS: &str = "\
    Fedora: dnf install gcc-c++ pkgconf openssl-devel python3-pip cmake clang-devel bubblewrap\n  \
    Arch:   pacman -S base-devel pkgconf openssl python-pip cmake clang bubblewrap\n  \
    macOS:  xcode-select --install; brew install pkg-config openssl@3 python cmake";

/// Installs the system packages, a container engine, Chromium and iproute2 where that is possible,
/// and Node.js for the TypeScript tests.
pub fn install_everything() -> Result<()> {
    install_packages()?;
    container::install_engine()?;
    browser::install_chromium();
    namespaces::install_iproute();

    match ensure_node()? {
        Some(folder) => println!("setup is complete; Node.js is in {}", folder.display()),
        None => println!("setup is complete"),
    }
    Ok(())
}

/// Installs the system packages only, which is enough for the build and the demo.
pub fn install_packages() -> Result<()> {
    if apt::has_apt() {
        return apt::ensure_packages(PACKAGES);
    }

    let tools = PACKAGES.iter().filter_map(|package| package.command).chain(["python3"]);
    let mut missing: Vec<&str> = tools.filter(|command| !shell::on_path(command)).collect();

    let macos = cfg!(target_os = "macos");
    if !macos && !shell::is_successful(Command::new("pkg-config").args(["--exists", "openssl"])) {
        missing.push("openssl (with headers)");
    }

    if !missing.is_empty() {
        bail!(
            "missing on this system: {}; install the packages:\n  {OTHER_SYSTEMS}",
            missing.join(", ")
        );
    }
    Ok(())
}

/// Finds or fetches a recent Node.js. Returns `None` if the one on `PATH` is recent enough, else
/// the folder to put in front of `PATH`.
pub fn ensure_node() -> Result<Option<PathBuf>> {
    node::ensure_node()
}

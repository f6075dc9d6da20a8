//! `cargo xtask setup`: what the build needs from the system.
//!
//! A machine that has everything runs no package manager at all, so every command that needs these
//! can ask first.

pub mod apt;
mod node;

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

pub use apt::Package;

use crate::shell;

/// What the host side needs. Each line was found by leaving it out.
const PACKAGES: &[Package] = &[
    Package {
        debian: "build-essential",
        command: Some("c++"),
        why: "C and C++ code in dependencies (zstd, tokenizers)",
    },
    Package { debian: "pkg-config", command: Some("pkg-config"), why: "finds OpenSSL" },
    Package {
        debian: "libssl-dev",
        command: None,
        why: "Solana's network crates; building OpenSSL ourselves takes minutes",
    },
    Package {
        debian: "python3-pip",
        command: None,
        why: "fetches hash-checked binaries from the Python package index",
    },
    Package {
        debian: "libvulkan1",
        command: None,
        why: "the GPU worker's way to the graphics driver",
    },
    Package {
        debian: "mesa-vulkan-drivers",
        command: None,
        why: "runs the GPU worker's shaders where there is no GPU",
    },
    Package { debian: "bubblewrap", command: None, why: "the sandbox that jobs' commands run in" },
];

/// What the same things are called elsewhere.
const ELSEWHERE: &str = "\
    Fedora: dnf install gcc-c++ pkgconf openssl-devel python3-pip vulkan-loader mesa-vulkan-drivers bubblewrap\n  \
    Arch:   pacman -S base-devel pkgconf openssl python-pip vulkan-icd-loader vulkan-swrast bubblewrap\n  \
    macOS:  xcode-select --install; brew install pkg-config openssl@3 python";

/// Everything a developer needs: the packages, and Node.js for the TypeScript tests.
pub fn install_everything() -> Result<()> {
    install_packages()?;
    match ensure_node()? {
        Some(folder) => println!("set up; Node.js from {}", folder.display()),
        None => println!("set up"),
    }
    Ok(())
}

/// The system packages only, which is all that building and the demo need.
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
            "missing on this system: {}. Install what is needed:\n  {ELSEWHERE}",
            missing.join(", ")
        );
    }
    Ok(())
}

/// A recent Node.js: `None` if the one on `PATH` serves, else the folder to put in front of `PATH`.
pub fn ensure_node() -> Result<Option<PathBuf>> {
    node::ensure_node()
}

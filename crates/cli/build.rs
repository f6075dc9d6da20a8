//! Names the commit that the program is built from, and the folder of its libraries.

use std::{path::Path, process::Command};

fn main() {
    name_commit();

    if std::env::var_os("CARGO_FEATURE_CPU_VARIANTS").is_some() {
        name_library_folder();
    }
}

/// Has the system's loader look for llama.cpp's libraries beside the program. `cargo xtask package`
/// puts them there.
fn name_library_folder() {
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();

    // By the older kind of tag, the folder comes before those of LD_LIBRARY_PATH, and counts for
    // what the libraries load, too.
    let arguments: &[&str] = match system.as_str() {
        "linux" => &["-Wl,--disable-new-dtags", "-Wl,-rpath,$ORIGIN/lib"],
        "macos" => &["-Wl,-rpath,@executable_path/lib"],
        _ => &[],
    };
    for argument in arguments {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

fn name_commit() {
    println!("cargo::rerun-if-env-changed=NOSANA_COMMIT");
    // The log of HEAD changes with every commit and every checkout.
    for file in ["HEAD", "logs/HEAD"] {
        let path = read_git(&["rev-parse", "--git-path", file]);
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }

    let packaged = std::env::var("NOSANA_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = packaged.or_else(|| read_git(&["rev-parse", "--short=12", "HEAD"]));
    println!("cargo::rustc-env=NOSANA_COMMIT={}", commit.as_deref().unwrap_or("unknown commit"));
}

/// Returns what git prints; `None` without git, or outside of a checkout.
fn read_git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

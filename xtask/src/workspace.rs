//! Lists the programs: every crate of the on-chain workspace that builds a shared library.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{layout, shell};

/// One on-chain program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Name of the Cargo package, such as `nosana-jobs`.
    pub package: String,
    /// Name of the library and of its `.so` file, such as `nosana_jobs`.
    pub library: String,
    /// Path of its `Cargo.toml`.
    pub manifest: PathBuf,
    /// Whether it has an IDL: its feature `idl-build` exists.
    pub has_idl: bool,
}

impl Program {
    /// Returns the package's name without the prefix `nosana-`: the stem of its IDL file.
    pub fn short_name(&self) -> &str {
        self.package.strip_prefix("nosana-").unwrap_or(&self.package)
    }
}

/// Lists the programs of the on-chain workspace, sorted by package.
pub fn list_programs() -> Result<Vec<Program>> {
    let manifest = layout::programs_folder().join("Cargo.toml");
    let mut cargo = shell::cargo();
    cargo
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(&manifest);

    let metadata: Value =
        serde_json::from_str(&shell::capture(&mut cargo)?).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;

    let mut programs: Vec<Program> = packages.iter().filter_map(parse_program).collect();
    programs.sort_by(|a, b| a.package.cmp(&b.package));

    if programs.is_empty() {
        bail!(
            "{} has no member with crate-type `cdylib`, so there is no program to build",
            manifest.display()
        );
    }

    Ok(programs)
}

/// Parses a package as a program; `None` if it builds no shared library.
fn parse_program(package: &Value) -> Option<Program> {
    let targets = package["targets"].as_array()?;
    let library = targets.iter().find(|target| makes_shared_library(target))?;

    Some(Program {
        package: package["name"].as_str()?.to_owned(),
        library: library["name"].as_str()?.to_owned(),
        manifest: package["manifest_path"].as_str()?.into(),
        has_idl: package["features"].get("idl-build").is_some(),
    })
}

/// Returns true if a cargo target is a `cdylib`.
pub fn makes_shared_library(target: &Value) -> bool {
    target["crate_types"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "cdylib"))
}

//! Which programs there are: every crate of the on-chain workspace that makes a shared library.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{layout, shell};

/// One on-chain program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Cargo package, such as `nosana-jobs`.
    pub package: String,
    /// Library name, such as `nosana_jobs`: the name of the `.so`.
    pub library: String,
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// Whether it describes itself in an IDL.
    pub has_idl: bool,
}

impl Program {
    /// The name of its IDL file without the extension: the package without the project's prefix.
    pub fn short_name(&self) -> &str {
        self.package.strip_prefix("nosana-").unwrap_or(&self.package)
    }
}

/// The programs of the on-chain workspace, by name.
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
            "{} has no member with crate-type \"cdylib\", so there is no program to build",
            manifest.display()
        );
    }
    Ok(programs)
}

/// A package as a program, if it makes a shared library.
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

/// Whether a cargo target is a `cdylib`.
pub fn makes_shared_library(target: &Value) -> bool {
    target["crate_types"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "cdylib"))
}

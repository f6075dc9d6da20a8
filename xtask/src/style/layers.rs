//! The layers of the repository: a crate depends only on crates of earlier layers. ARCHITECTURE.md
//! draws them.

use std::fs;

use anyhow::{Context, Result, bail};

use super::source::tracked_files;
use crate::layout;

/// The crates, from the bottom up. Crates of one layer do not depend on each other.
const LAYERS: &[&[&str]] = &[
    &["nosana-protocol", "nosana-job-spec", "nosana-sandbox"],
    &[
        "nosana-program-common",
        "nosana-store",
        "nosana-client",
        "nosana-container",
        "nosana-simulation",
        "nosana-scale",
        "nosana-fetch",
    ],
    &[
        "nosana-jobs",
        "nosana-staking",
        "nosana-rewards",
        "nosana-thief",
        "nosana-floor",
        "nosana-declared",
        "nosana-engine",
        "nosana-net",
        "nosana-migrations",
    ],
    &["nosana-localnet", "nosana-serve", "nosana-gateway"],
    &["nosana-worker"],
    &["nosana-bench"],
    &["nosana-cli", "nosana-tests"],
];
/// Crates that run on the chain, and the only crates of this repository that they may use.
const ON_CHAIN: &[&str] = &[
    "nosana-jobs",
    "nosana-staking",
    "nosana-rewards",
    "nosana-thief",
    "nosana-floor",
    "nosana-declared",
];
const FOR_PROGRAMS: &[&str] = &["nosana-protocol", "nosana-program-common"];

/// Fails if a crate depends on one of its own or a later layer, or if a program depends on a crate
/// that does not run on the chain.
pub fn check_layers() -> Result<()> {
    let mut problems = Vec::new();

    for path in tracked_files(&["Cargo.toml"])? {
        let manifest = fs::read_to_string(layout::root_folder().join(&path))
            .with_context(|| format!("cannot read {path}"))?;
        let Some(package) = package_name(&manifest) else { continue };
        for dependency in dependencies(&manifest) {
            if let Some(problem) = find_problem(package, dependency) {
                problems.push(format!("{path}: {problem}"));
            }
        }
    }

    if !problems.is_empty() {
        bail!("{}\nARCHITECTURE.md draws the layers", problems.join("\n"));
    }
    Ok(())
}

fn find_problem(package: &str, dependency: &str) -> Option<String> {
    let layer_of = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let Some(upper) = layer_of(package) else {
        return Some(format!("`{package}` has no layer; add it to {}", file!()));
    };
    let Some(lower) = layer_of(dependency) else {
        return Some(format!("`{dependency}` has no layer; add it to {}", file!()));
    };

    if lower >= upper {
        return Some(format!("`{package}` must not depend on `{dependency}`"));
    }
    if ON_CHAIN.contains(&package) && !FOR_PROGRAMS.contains(&dependency) {
        return Some(format!("the program `{package}` must not depend on `{dependency}`"));
    }
    None
}

/// The package's name, if it is one of ours.
fn package_name(manifest: &str) -> Option<&str> {
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = \""))?;
    let name = name.strip_suffix('"')?;
    name.starts_with("nosana-").then_some(name)
}

/// Our crates in `[dependencies]`. Tests may depend on anything.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]"));
    let lines = section.unwrap_or_default().lines();
    lines
        .filter(|line| line.starts_with("nosana-"))
        .filter_map(|line| line.split(['.', ' ']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_run_down() {
        assert_eq!(find_problem("nosana-worker", "nosana-client"), None);
        assert!(find_problem("nosana-client", "nosana-worker").is_some());
        assert!(find_problem("nosana-jobs", "nosana-store").is_some());
        assert!(find_problem("nosana-new", "nosana-store").is_some());

        let manifest = "[package]\nname = \"nosana-a\"\n[dependencies]\nnosana-b.workspace = true\n\
                        [dev-dependencies]\nnosana-c.workspace = true\n";
        assert_eq!(package_name(manifest), Some("nosana-a"));
        assert_eq!(dependencies(manifest).collect::<Vec<_>>(), ["nosana-b"]);
    }
}

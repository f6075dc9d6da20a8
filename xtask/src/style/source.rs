//! The Rust files of the repository, and their production code: without tests, benches, examples
//! and items under `#[cfg(test)]`.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::{layout, shell};

/// One Rust file.
pub struct SourceFile {
    /// Path from the repository's root.
    pub path: String,
    /// Folder of its crate, such as `crates/client`.
    pub package: String,
    /// The lines of production code, with their numbers.
    pub lines: Vec<(usize, String)>,
}

/// Paths of all files that git tracks or would track and whose name ends so.
pub fn tracked_files(suffixes: &[&str]) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let listing = shell::capture(git.current_dir(layout::root_folder()))?;

    let files = listing.lines().filter(|path| suffixes.iter().any(|end| path.ends_with(end)));
    let existing = files.filter(|path| layout::root_folder().join(path).is_file());
    Ok(existing.map(str::to_owned).collect())
}

/// Every Rust file of production code.
pub fn production_files() -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();

    for path in tracked_files(&[".rs"])? {
        if !is_production(&path) {
            continue;
        }
        let text = fs::read_to_string(layout::root_folder().join(&path))
            .with_context(|| format!("cannot read {path}"))?;
        files.push(SourceFile { package: package_of(&path), lines: production_lines(&text), path });
    }

    Ok(files)
}

/// Returns true if the path is not one of tests, benches or examples.
fn is_production(path: &str) -> bool {
    let mut parts = path.split('/');
    let is_test =
        parts.any(|part| matches!(part, "tests" | "benches" | "examples" | "fuzz" | "tests.rs"));
    !is_test
}

/// The folder of the crate: two levels under `crates` and `programs`, one elsewhere.
fn package_of(path: &str) -> String {
    let depth = if path.starts_with("crates/") || path.starts_with("programs/") { 2 } else { 1 };
    path.split('/').take(depth).collect::<Vec<_>>().join("/")
}

/// The lines outside of `#[cfg(test)]` items. Relies on rustfmt's layout: an item ends at the first
/// closing bracket on its own indentation.
fn production_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = text.lines().enumerate();
    let mut kept = Vec::new();

    while let Some((index, line)) = lines.next() {
        if !is_test_attribute(line) {
            kept.push((index + 1, line.to_owned()));
            continue;
        }
        let indentation = indentation_of(line);
        let mut rest = lines.by_ref().map(|(_, line)| line);
        let Some(item) = rest.find(|line| !line.trim_start().starts_with("#[")) else { break };
        let is_one_line = item.ends_with([';', ',']) || (item.contains('{') && item.ends_with('}'));
        if !is_one_line {
            rest.find(|line| closes_item(line, indentation));
        }
    }

    kept
}

fn is_test_attribute(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test")
}

/// Returns true if the line closes an item that begins at this indentation. A `)` alone closes the
/// arguments of a function whose body follows.
pub fn closes_item(line: &str, indentation: usize) -> bool {
    let code = line.trim_start();
    let closes = code.starts_with('}') || (code.starts_with(')') && code.ends_with(';'));
    closes && indentation_of(line) == indentation
}

/// Spaces before the first character.
pub fn indentation_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_items_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod tests {\n    fn c() {\n    }\n}\nfn d() {}\n";
        let kept: Vec<_> = production_lines(text).into_iter().map(|(number, _)| number).collect();
        assert_eq!(kept, [1, 4, 10]);
        assert!(is_production("crates/client/src/lib.rs"));
        assert!(!is_production("crates/client/tests/session.rs"));
        assert_eq!(package_of("programs/jobs/src/lib.rs"), "programs/jobs");
        assert_eq!(package_of("xtask/src/main.rs"), "xtask");
    }
}

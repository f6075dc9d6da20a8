//! Artifacts: files that a node kept. The node chooses their names, so they are compared with the
//! definition before they are saved.

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use globset::{GlobBuilder, GlobMatcher};
use nosana_job_spec::{Artifact, CommandOutput, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS, Operation};
use nosana_store::Store;

use super::content::read_bytes;

/// Fails unless the operation allows each of the output's artifacts, and their total size.
pub fn check_artifacts(operation: &Operation, output: &CommandOutput) -> Result<()> {
    let expected = operation.expected_artifacts();
    let artifacts = &output.artifacts;

    ensure!(artifacts.len() <= MAX_ARTIFACTS, "it has more than {MAX_ARTIFACTS} files");
    let total_bytes =
        artifacts.iter().fold(0_u64, |total, artifact| total.saturating_add(artifact.size_bytes));
    ensure!(
        total_bytes <= expected.max_bytes,
        "its files have {total_bytes} bytes, more than the job may write"
    );

    let globs = compile_patterns(&expected.patterns)?;
    let mut seen = HashSet::new();
    for Artifact { path, .. } in artifacts {
        // A pattern that names a folder includes everything in the folder.
        let mut places = Path::new(path).ancestors().filter(|place| !place.as_os_str().is_empty());
        let is_expected = places.any(|place| globs.iter().any(|glob| glob.is_match(place)));
        ensure!(is_expected, "the definition does not name the file `{}`", path.escape_debug());
        ensure!(seen.insert(path), "it has the file `{}` twice", path.escape_debug());
    }
    Ok(())
}

fn compile_patterns(patterns: &[String]) -> Result<Vec<GlobMatcher>> {
    let compile = |pattern: &String| {
        Ok(GlobBuilder::new(pattern).literal_separator(true).build()?.compile_matcher())
    };
    patterns.iter().map(compile).collect()
}

/// Reads an artifact from the store, which checks every hash, and writes it to `folder`. It
/// overwrites no file and follows no link.
pub fn save_artifact(artifact: &Artifact, folder: &Path, store: &Store) -> Result<()> {
    let content = read_bytes(store, &artifact.content, MAX_ARTIFACT_BYTES)?;
    ensure!(
        content.len() as u64 == artifact.size_bytes,
        "{} has {} bytes, but the node's output lists {}",
        artifact.path,
        content.len(),
        artifact.size_bytes
    );

    let path = folder.join(&artifact.path);
    create_folders(artifact, folder, &path)?;
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => file.write_all(&content).with_context(|| cannot_write(&path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            ensure_same_content(&path, &content)
        }
        Err(error) => Err(error).with_context(|| cannot_write(&path)),
    }
}

/// Creates the folders on the way to the artifact, one by one, so that no link is followed.
fn create_folders(artifact: &Artifact, folder: &Path, path: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| cannot_write(path))?;

    let mut parent: PathBuf = folder.to_path_buf();
    for part in Path::new(&artifact.path).parent().into_iter().flat_map(Path::components) {
        parent.push(part);
        match fs::create_dir(&parent) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| cannot_write(path));
            }
            Ok(()) | Err(_) => {}
        }

        let is_folder = fs::symlink_metadata(&parent).with_context(|| cannot_write(path))?.is_dir();
        ensure!(is_folder, "{}: {} is not a folder", cannot_write(path), parent.display());
    }
    Ok(())
}

/// Fails unless the file at `path` has this content already.
fn ensure_same_content(path: &Path, content: &[u8]) -> Result<()> {
    let is_file = fs::symlink_metadata(path).with_context(|| cannot_write(path))?.is_file();

    if is_file && fs::read(path).with_context(|| cannot_write(path))? == content {
        return Ok(());
    }
    bail!("{} exists already and differs; name an empty folder", path.display())
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::ContentId;
    use serde_json::json;

    use super::*;

    fn operation(artifacts: &[&str]) -> Operation {
        let args = json!({ "steps": [{ "name": "one", "run": "true" }], "artifacts": artifacts });
        serde_json::from_value(json!({ "id": "run", "type": "command/run", "args": args })).unwrap()
    }

    fn output(paths: &[&str], size_bytes: u64) -> CommandOutput {
        let content = ContentId::from_digest([1; 32]);
        let artifact = |path: &&str| Artifact { path: (*path).to_owned(), size_bytes, content };
        let artifacts: Vec<_> = paths.iter().map(artifact).collect();
        let enforcement = json!({ "memory": "", "processes": "", "cpus": "", "disk": "" });
        let whole = json!({
            "steps": [],
            "artifacts": artifacts,
            "left_out": [],
            "enforcement": enforcement,
        });
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn a_node_keeps_only_files_that_the_definition_names() {
        let requested = operation(&["*.txt", "report", "deep/**"]);
        check_artifacts(&requested, &output(&["a.txt", "report", "deep/a/b"], 1)).unwrap();
        check_artifacts(&requested, &output(&["report/x/y"], 1)).unwrap();
        for path in ["Makefile", ".git/hooks/pre-commit", "sub/a.txt", "reports"] {
            assert!(
                check_artifacts(&requested, &output(&[path], 1))
                    .unwrap_err()
                    .to_string()
                    .contains("does not name"),
                "{path}"
            );
        }
        assert!(
            check_artifacts(&requested, &output(&["a.txt", "a.txt"], 1))
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(check_artifacts(&requested, &output(&["a.txt", "b.txt"], u64::MAX / 2)).is_err());
        assert!(check_artifacts(&operation(&[]), &output(&["a.txt"], 1)).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn existing_files_are_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let content = store.put(b"new").unwrap();
        let artifact = |path: &str| Artifact { path: path.to_owned(), size_bytes: 3, content };
        let out = folder.path().join("out");
        save_artifact(&artifact("a/b"), &out, &store).unwrap();
        save_artifact(&artifact("a/b"), &out, &store).unwrap();
        fs::write(out.join("mine"), "old").unwrap();
        assert!(
            save_artifact(&artifact("mine"), &out, &store)
                .unwrap_err()
                .to_string()
                .contains("name an empty folder")
        );
        std::os::unix::fs::symlink(folder.path(), out.join("link")).unwrap();
        assert!(
            save_artifact(&artifact("link/x"), &out, &store)
                .unwrap_err()
                .to_string()
                .contains("is not a folder")
        );
        std::os::unix::fs::symlink(folder.path().join("y"), out.join("dangling")).unwrap();
        assert!(save_artifact(&artifact("dangling"), &out, &store).is_err());
        assert_eq!(fs::read(out.join("mine")).unwrap(), b"old");
    }

    #[test]
    fn only_content_with_the_right_hash_and_size_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let content = store.put(b"kept").unwrap();
        let good = Artifact { path: "a/b".into(), size_bytes: 4, content };
        save_artifact(&good, folder.path(), &store).unwrap();
        assert_eq!(fs::read(folder.path().join("a/b")).unwrap(), b"kept");
        let larger = Artifact { size_bytes: 5, ..good.clone() };
        assert!(save_artifact(&larger, folder.path(), &store).is_err());
        let unknown = Artifact { content: ContentId::from_digest([1; 32]), ..good };
        let error = save_artifact(&unknown, folder.path(), &store).unwrap_err();
        assert!(error.to_string().contains("--store"));
    }
}

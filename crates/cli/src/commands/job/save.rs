//! Files that a node kept, on the client's disk. The node chooses their names, so they are held
//! against what was asked.

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use globset::GlobBuilder;
use nosana_job_spec::{Artifact, CommandOutput, MAX_ARTIFACT_BYTES, MAX_ARTIFACTS, Operation};
use nosana_store::Store;

use super::wait::MISSING;

/// The one file that is kept of a container.
const CONTAINER_OUTPUT: &str = "output.tar";

/// Fails unless the operation asked for each of these files, and for so much.
pub fn check(operation: &Operation, output: &CommandOutput) -> Result<()> {
    let (patterns, most) = match operation {
        Operation::CommandRun { args, .. } => (args.artifacts.clone(), args.limits.disk_bytes()),
        Operation::ContainerRun { args, .. } => {
            (args.output.iter().map(|_| CONTAINER_OUTPUT.to_owned()).collect(), MAX_ARTIFACT_BYTES)
        }
        Operation::InferenceRun { .. } => (Vec::new(), 0),
    };
    ensure!(output.artifacts.len() <= MAX_ARTIFACTS, "it has more than {MAX_ARTIFACTS} files");
    let sum = output
        .artifacts
        .iter()
        .fold(0_u64, |sum, artifact| sum.saturating_add(artifact.size_bytes));
    ensure!(sum <= most, "its files have {sum} bytes, more than the job may write");
    let mut globs = Vec::with_capacity(patterns.len());
    for pattern in &patterns {
        globs.push(GlobBuilder::new(pattern).literal_separator(true).build()?.compile_matcher());
    }
    let mut seen = HashSet::new();
    for Artifact { path, .. } in &output.artifacts {
        // A pattern that names a folder asks for all that is in it.
        let mut places = Path::new(path).ancestors().filter(|place| !place.as_os_str().is_empty());
        let asked = places.any(|place| globs.iter().any(|glob| glob.is_match(place)));
        ensure!(asked, "nobody asked for the file `{}`", path.escape_debug());
        ensure!(seen.insert(path), "it has the file `{}` twice", path.escape_debug());
    }
    Ok(())
}

/// Reads a file from the store, which checks every hash, and writes it in the folder. Nothing that
/// is there is changed, and no link is followed.
pub fn save(artifact: &Artifact, folder: &Path, store: &Store) -> Result<()> {
    let content = store.get(&artifact.content, MAX_ARTIFACT_BYTES).context(MISSING)?;
    ensure!(
        content.len() as u64 == artifact.size_bytes,
        "{} is not as large as the node says",
        artifact.path
    );
    let path = folder.join(&artifact.path);
    let cannot = || format!("cannot write {}", path.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    let mut parent = folder.to_path_buf();
    for part in Path::new(&artifact.path).parent().into_iter().flat_map(Path::components) {
        parent.push(part);
        match fs::create_dir(&parent) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(cannot);
            }
            _ => {}
        }
        let is_folder = fs::symlink_metadata(&parent).with_context(cannot)?.is_dir();
        ensure!(is_folder, "cannot write {}: {} is no folder", path.display(), parent.display());
    }
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => file.write_all(&content).with_context(cannot),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let is_file = fs::symlink_metadata(&path).with_context(cannot)?.is_file();
            if is_file && fs::read(&path).with_context(cannot)? == content {
                return Ok(());
            }
            bail!("{} is there already, and differs: name an empty folder", path.display())
        }
        Err(error) => Err(error).with_context(cannot),
    }
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
        let whole = json!({ "steps": [], "artifacts": artifacts, "left_out": [], "enforcement": enforcement });
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn a_node_names_only_files_that_were_asked_for() {
        let asked = operation(&["*.txt", "report", "deep/**"]);
        check(&asked, &output(&["a.txt", "report", "deep/a/b"], 1)).unwrap();
        check(&asked, &output(&["report/x/y"], 1)).unwrap();
        for path in ["Makefile", ".git/hooks/pre-commit", "sub/a.txt", "reports"] {
            assert!(
                check(&asked, &output(&[path], 1))
                    .unwrap_err()
                    .to_string()
                    .contains("nobody asked"),
                "{path}"
            );
        }
        assert!(
            check(&asked, &output(&["a.txt", "a.txt"], 1))
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(check(&asked, &output(&["a.txt", "b.txt"], u64::MAX / 2)).is_err());
        assert!(check(&operation(&[]), &output(&["a.txt"], 1)).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn nothing_that_is_there_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let content = store.put(b"new").unwrap();
        let artifact = |path: &str| Artifact { path: path.to_owned(), size_bytes: 3, content };
        let out = folder.path().join("out");
        save(&artifact("a/b"), &out, &store).unwrap();
        save(&artifact("a/b"), &out, &store).unwrap();
        fs::write(out.join("mine"), "old").unwrap();
        assert!(
            save(&artifact("mine"), &out, &store)
                .unwrap_err()
                .to_string()
                .contains("name an empty folder")
        );
        std::os::unix::fs::symlink(folder.path(), out.join("link")).unwrap();
        assert!(
            save(&artifact("link/x"), &out, &store)
                .unwrap_err()
                .to_string()
                .contains("is no folder")
        );
        std::os::unix::fs::symlink(folder.path().join("y"), out.join("dangling")).unwrap();
        assert!(save(&artifact("dangling"), &out, &store).is_err());
        assert_eq!(fs::read(out.join("mine")).unwrap(), b"old");
    }
}

//! The folder for artifacts, checked before a job is paid.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

/// Creates the folder, and fails if no file can be created in it. Artifacts are saved after the job
/// was paid, and then it would be too late.
pub fn ensure_writable_folder(folder: &Path) -> Result<()> {
    let advice = || {
        format!(
            "cannot write to the folder {} for artifacts; name another with --artifacts-to",
            folder.display()
        )
    };

    // It would be the current folder: the variable of a script was empty.
    ensure!(!folder.as_os_str().is_empty(), "the folder of --artifacts-to is empty; name one");
    fs::create_dir_all(folder).with_context(advice)?;
    tempfile::tempfile_in(folder).with_context(advice)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::ensure_writable_folder;

    #[test]
    fn a_folder_is_created_and_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        ensure_writable_folder(&deep).unwrap();
        ensure_writable_folder(&deep).unwrap();
        assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0, "the check leaves nothing");

        let file = folder.path().join("file");
        std::fs::write(&file, "mine").unwrap();
        for refused in [file.clone(), file.join("below"), "/proc/none".into(), "".into()] {
            let error = ensure_writable_folder(&refused).unwrap_err().to_string();
            assert!(error.contains("--artifacts-to"), "{}: {error}", refused.display());
        }
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    }
}

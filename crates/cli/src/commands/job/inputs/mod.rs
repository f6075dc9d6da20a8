//! Inputs: files and folders that are sent along with a command.

use std::{
    fs::{self, File},
    io::{Seek, Write},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use ignore::WalkBuilder;
use nosana_job_spec::{CommandInput, MAX_COMMAND_INPUT_BYTES};
use nosana_store::Store;
use tar::{Builder, HeaderMode};

/// Stores the file or folder of `PATH[:DEST]`. A folder becomes an archive; equal content makes
/// equal archives.
pub fn store_input(text: &str, store: &Store) -> Result<CommandInput> {
    let (path, destination) = match text.rsplit_once(':') {
        Some((path, destination)) => (Path::new(path), Some(destination.to_owned())),
        None => (Path::new(text), None),
    };
    let cannot_read = || format!("cannot read the input {}", path.display());
    let is_folder = fs::metadata(path).with_context(cannot_read)?.is_dir();

    let (file, destination) = if is_folder {
        let archive = archive_folder(path)
            .with_context(|| format!("cannot pack the input {}", path.display()))?;
        (archive, destination.unwrap_or_else(|| ".".to_owned()))
    } else {
        let name = path.file_name().and_then(|name| name.to_str());
        let destination = destination.or(name.map(str::to_owned));
        let file = File::open(path).with_context(cannot_read)?;
        (file, destination.context("the input has no name; give PATH:DEST")?)
    };

    let size_bytes = file.metadata()?.len();
    ensure!(
        size_bytes <= MAX_COMMAND_INPUT_BYTES,
        "the input {} has {size_bytes} bytes; nodes accept at most {MAX_COMMAND_INPUT_BYTES}; \
         leave out files that can be built",
        path.display()
    );

    let (content, _) = store.put_reader(file, path)?;
    let ignored = if is_folder { " without files that git ignores" } else { "" };
    eprintln!("sends    {}, {size_bytes} bytes{ignored}", path.display());
    Ok(CommandInput { path: destination, content, unpack: is_folder })
}

/// Archives a folder's content in the order of names, without times and owners, and without `.git`
/// and files that its `.gitignore` files name.
fn archive_folder(folder: &Path) -> Result<File> {
    let mut archive = Builder::new(tempfile::tempfile()?);
    archive.mode(HeaderMode::Deterministic);
    archive.follow_symlinks(false);
    append_entries(&mut archive, folder)?;

    let mut file = archive.into_inner()?;
    file.flush()?;
    file.rewind()?;
    Ok(file)
}

/// Appends the folder's entries that git does not ignore: build products are built on the node, and
/// secrets stay on this machine.
fn append_entries(archive: &mut Builder<File>, folder: &Path) -> Result<()> {
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(false).git_ignore(true).require_git(false);
    walk.sort_by_file_name(|one, other| one.cmp(other))
        .filter_entry(|entry| entry.file_name() != ".git");

    for entry in walk.build().skip(1) {
        let entry = entry?;
        let path = entry.path();
        let name = path.strip_prefix(folder)?;

        let file_type = entry.file_type().context("it has no file type")?;
        if file_type.is_dir() {
            archive.append_dir(name, path)?;
        } else if file_type.is_file() || file_type.is_symlink() {
            archive.append_path_with_name(path, name)?;
        } else {
            bail!("{} is not a file, a folder or a link; remove it first", path.display());
        }

        let size_bytes = archive.get_mut().stream_position()?;
        ensure!(
            size_bytes <= MAX_COMMAND_INPUT_BYTES,
            "it has more than {MAX_COMMAND_INPUT_BYTES} bytes"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let project = folder.path().join("project");
        fs::create_dir_all(project.join("src")).unwrap();
        fs::write(project.join("src/a"), "one").unwrap();
        fs::write(project.join("b"), "two").unwrap();
        let file = store_input(project.join("b").to_str().unwrap(), &store).unwrap();
        assert_eq!((file.path.as_str(), file.unpack), ("b", false));
        assert_eq!(store.get(&file.content, 100).unwrap(), b"two");
        for hidden in [".git/config", "built/large", "src/key.pem"] {
            let path = project.join(hidden);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "stays here").unwrap();
        }
        fs::write(project.join(".gitignore"), "/built\n*.pem\n").unwrap();
        let renamed = store_input(&format!("{}:c/d", project.join("b").display()), &store).unwrap();
        assert_eq!((renamed.path.as_str(), renamed.content), ("c/d", file.content));
        let all = store_input(project.to_str().unwrap(), &store).unwrap();
        assert_eq!((all.path.as_str(), all.unpack), (".", true));
        let again = store_input(&format!("{}:x", project.display()), &store).unwrap();
        assert_eq!((again.path.as_str(), again.content), ("x", all.content));
        let archive = store.get(&all.content, 1 << 20).unwrap();
        let mut archive = tar::Archive::new(&archive[..]);
        let names: Vec<_> =
            archive.entries().unwrap().map(|it| it.unwrap().path().unwrap().into_owned()).collect();
        assert_eq!(names, [".gitignore", "b", "src", "src/a"].map(std::path::PathBuf::from));
        // A path that is named itself is sent even if git ignores it.
        let built = store_input(project.join("built").to_str().unwrap(), &store).unwrap();
        assert!(store.get(&built.content, 1 << 20).unwrap().windows(5).any(|at| at == b"large"));
        assert!(
            store_input("no/such/file", &store).unwrap_err().to_string().contains("no/such/file")
        );
    }
}

//! Inputs: files and folders that are sent along with a command.
//!
//! | module | purpose |
//! | --- | --- |
//! | `entries` | which files of a folder are sent |
//! | `git` | the files that git tracks |
//! | `includes` | patterns of `--include` |
//! | `archive` | a folder as an archive |
//! | `regular_file` | opening and copying files that have an end |

mod archive;
mod entries;
mod git;
mod includes;
mod regular_file;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io::{BufReader, Seek},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use nosana_job_spec::{CommandInput, CommandLimits};
use nosana_sandbox::check_archive;
use nosana_store::Store;

use self::{
    archive::archive_entries,
    entries::find_entries,
    includes::Includes,
    regular_file::{copy_bounded, ensure_size, open_regular_file},
};

/// The most names of files that are left out, in one message.
const MAX_LISTED: usize = 10;

/// An input that is ready to be stored: its content is in a temporary file, of which nothing is left
/// if it is dropped.
struct PackedInput {
    path: PathBuf,
    destination: String,
    content: File,
    size_bytes: u64,
    is_folder: bool,
}

/// Stores the files and folders that each text names as `PATH[:DEST]`. A folder becomes an archive
/// without what git ignores, except for what `includes` name; equal content makes equal archives.
///
/// # Errors
/// If something cannot be read or sent, or nodes would refuse it. Then nothing is stored.
pub fn store_inputs(
    texts: &[String],
    includes: &[String],
    limits: &CommandLimits,
    store: &Store,
) -> Result<Vec<CommandInput>> {
    let mut includes = Includes::compile(includes)?;
    let mut packed = Vec::with_capacity(texts.len());
    let mut left_bytes = limits.disk_bytes();

    for text in texts {
        let (path, destination) = split_destination(text);
        let input = pack_input(&path, destination, &mut includes, left_bytes)
            .with_context(|| format!("cannot send the input {}", path.display()))?;
        left_bytes = left_bytes.saturating_sub(input.size_bytes);
        packed.push(input);
    }
    includes.ensure_used()?;

    let store_input = |input: PackedInput| {
        let PackedInput { path, destination, content, is_folder, .. } = input;
        let (content, _) = store.put_reader(content, &path)?;
        Ok(CommandInput { path: destination, content, unpack: is_folder })
    };
    packed.into_iter().map(store_input).collect()
}

/// Splits `PATH:DEST`. A name that exists may have colons.
fn split_destination(text: &str) -> (PathBuf, Option<String>) {
    match text.rsplit_once(':') {
        Some((path, destination)) if fs::symlink_metadata(text).is_err() => {
            (path.into(), Some(destination.to_owned()))
        }
        Some(_) | None => (text.into(), None),
    }
}

/// Copies the input to a temporary file. Only regular files and folders have an end.
fn pack_input(
    path: &Path,
    destination: Option<String>,
    includes: &mut Includes,
    left_bytes: u64,
) -> Result<PackedInput> {
    let is_folder = fs::metadata(path)?.is_dir();

    let (content, size_bytes, destination) = if is_folder {
        let (archive, size_bytes) = pack_folder(path, includes, left_bytes)?;
        (archive, size_bytes, destination.unwrap_or_else(|| ".".to_owned()))
    } else {
        let name = path.file_name().and_then(|name| name.to_str());
        let destination = destination.or(name.map(str::to_owned));
        let destination = destination.context("it has no name in UTF-8; give PATH:DEST")?;
        let (file, metadata) = open_regular_file(path)?;
        ensure_size(metadata.len())?;
        let (copy, size_bytes) = copy_bounded(file)?;
        eprintln!("sends    {}, {size_bytes} bytes", path.display());
        (copy, size_bytes, destination)
    };

    ensure!(
        size_bytes <= left_bytes,
        "the inputs have more bytes than the job's disk limit; raise it with --disk-mib"
    );
    Ok(PackedInput { path: path.to_owned(), destination, content, size_bytes, is_folder })
}

/// Archives a folder, and checks that a node can unpack it.
fn pack_folder(path: &Path, includes: &mut Includes, left_bytes: u64) -> Result<(File, u64)> {
    let entries = find_entries(path, includes)?;
    let mut archive = archive_entries(path, &entries.paths)?;
    let size_bytes = archive.metadata()?.len();

    if let Err(problem) = check_archive(BufReader::new(&archive), left_bytes) {
        bail!("no node could unpack it: {problem}");
    }
    archive.rewind()?;

    let count = entries.paths.len();
    eprintln!("sends    {}, {size_bytes} bytes with {count} files and folders", path.display());
    if let Some(names) = list_names(&entries.left_out) {
        eprintln!("omits    {names}: git ignores them; --include PATTERN sends what it names");
    }
    Ok((archive, size_bytes))
}

/// Returns the first names, and how many more there are; `None` if there are none.
fn list_names(names: &[String]) -> Option<String> {
    let listed: Vec<String> =
        names.iter().take(MAX_LISTED).map(|name| name.escape_debug().to_string()).collect();
    let more = names.len().saturating_sub(MAX_LISTED);

    match (listed.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(listed.join(", ")),
        (false, more) => Some(format!("{} and {more} more", listed.join(", "))),
    }
}

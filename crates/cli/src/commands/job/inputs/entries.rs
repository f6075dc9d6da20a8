//! Which files of a folder are sent: what git tracks, and what it does not ignore. Build products
//! are built on the node, and secrets stay on this machine.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use ignore::WalkBuilder;

use super::{
    git::{is_in_repository, list_tracked},
    includes::Includes,
};

/// Where git keeps a repository; never sent.
const GIT_FOLDER: &str = ".git";

/// The entries of a folder, relative to it.
pub struct FolderEntries {
    /// Those that are sent: folders, files and links.
    pub paths: BTreeSet<PathBuf>,
    /// Those that are not, by name. A folder ends with `/` and means everything in it.
    pub left_out: Vec<String>,
}

/// Finds the entries of a folder. Ignored ones that `includes` name are sent, too.
pub fn find_entries(folder: &Path, includes: &mut Includes) -> Result<FolderEntries> {
    let mut paths = walk_folder(folder, Filter::Git)?;
    add_tracked(folder, &mut paths);

    if !includes.is_empty() {
        for path in &paths {
            includes.matches(path);
        }
        for path in find_left_out(folder, &paths)? {
            add_included(folder, &path, includes, &mut paths)?;
        }
    }

    let name_of = |path: PathBuf| {
        let is_folder = is_real_folder(&folder.join(&path));
        format!("{}{}", path.display(), if is_folder { "/" } else { "" })
    };
    let left_out = find_left_out(folder, &paths)?.into_iter().map(name_of).collect();
    Ok(FolderEntries { paths, left_out })
}

/// What a walk leaves out.
#[derive(Clone, Copy)]
enum Filter {
    /// Repositories, and what git ignores.
    Git,
    /// Repositories only.
    Repositories,
}

/// Returns everything in the folder that passes the filter, relative to the folder.
fn walk_folder(folder: &Path, filter: Filter) -> Result<BTreeSet<PathBuf>> {
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(false).filter_entry(|entry| entry.file_name() != GIT_FOLDER);

    match filter {
        Filter::Git => {
            // The files above the folder count up to the root of its repository.
            walk.git_ignore(true).git_exclude(true).git_global(true).require_git(false);
            walk.parents(is_in_repository(folder));
        }
        Filter::Repositories => {}
    }

    let mut paths = BTreeSet::new();
    for entry in walk.build().skip(1) {
        paths.insert(entry?.path().strip_prefix(folder)?.to_owned());
    }
    Ok(paths)
}

/// Adds the files that git tracks although it would ignore them, of the folder's repository and of
/// those within.
fn add_tracked(folder: &Path, paths: &mut BTreeSet<PathBuf>) {
    let mut repositories: Vec<PathBuf> =
        paths.iter().filter(|path| folder.join(path).join(GIT_FOLDER).exists()).cloned().collect();
    if is_in_repository(folder) {
        repositories.push(PathBuf::new());
    }

    for repository in repositories {
        match list_tracked(&folder.join(&repository)) {
            Ok(tracked) => {
                for path in tracked.into_iter().map(|path| repository.join(path)) {
                    if !paths.contains(&path) && is_real_file(folder, &path) {
                        insert_with_parents(paths, &path);
                    }
                }
            }
            Err(reason) => eprintln!(
                "warning: git does not list the files that it tracks in {}: {reason}; those that \
                 a .gitignore names are left out",
                folder.join(&repository).display()
            ),
        }
    }
}

/// Adds what the patterns name of something that is left out.
fn add_included(
    folder: &Path,
    left_out: &Path,
    includes: &mut Includes,
    paths: &mut BTreeSet<PathBuf>,
) -> Result<()> {
    if includes.matches(left_out) {
        insert_with_parents(paths, left_out);
        if is_real_folder(&folder.join(left_out)) {
            let below = walk_folder(&folder.join(left_out), Filter::Repositories)?;
            paths.extend(below.into_iter().map(|path| left_out.join(path)));
        }
    } else if is_real_folder(&folder.join(left_out)) && includes.can_match_below(left_out) {
        for name in list_names(&folder.join(left_out))? {
            add_included(folder, &left_out.join(name), includes, paths)?;
        }
    }
    Ok(())
}

/// Returns the entries of the folder, and of the folders that are sent, that are not sent.
fn find_left_out(folder: &Path, paths: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>> {
    let root = PathBuf::new();
    let mut left_out = Vec::new();

    for parent in [&root].into_iter().chain(paths) {
        if !parent.as_os_str().is_empty() && !is_real_folder(&folder.join(parent)) {
            continue;
        }
        for name in list_names(&folder.join(parent))? {
            let path = parent.join(name);
            if !paths.contains(&path) {
                left_out.push(path);
            }
        }
    }

    left_out.sort();
    Ok(left_out)
}

/// Returns the names in a folder without `.git`, in order.
fn list_names(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let cannot_list = || format!("cannot list {}", folder.display());
    let mut names = BTreeSet::new();

    for entry in fs::read_dir(folder).with_context(cannot_list)? {
        let name = entry.with_context(cannot_list)?.file_name();
        if name != GIT_FOLDER {
            names.insert(PathBuf::from(name));
        }
    }
    Ok(names)
}

fn insert_with_parents(paths: &mut BTreeSet<PathBuf>, path: &Path) {
    let parents = path.ancestors().filter(|place| !place.as_os_str().is_empty());
    paths.extend(parents.map(Path::to_owned));
}

/// Whether the path is a file or a link in the folder, and no link is on the way. A deleted file may
/// be tracked, and so may a repository within.
fn is_real_file(folder: &Path, path: &Path) -> bool {
    let mut parents = path.ancestors().skip(1).filter(|place| !place.as_os_str().is_empty());
    let is_file = fs::symlink_metadata(folder.join(path)).is_ok_and(|found| !found.is_dir());
    is_file && parents.all(|parent| is_real_folder(&folder.join(parent)))
}

/// Whether the path is a folder, and not a link to one.
fn is_real_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

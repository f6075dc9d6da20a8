//! The files of the page, as `npm run build` in `apps/explorer` writes them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

/// The page in the source of this program.
const SOURCE_PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../apps/explorer/dist");
/// The most files and bytes of a page. A folder with more is not one.
const MAX_FILES: usize = 200;
const MAX_BYTES: u64 = 32 << 20;

/// The files of a page, by their path below its folder.
#[derive(Debug, Default)]
pub struct Page {
    files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

impl Page {
    /// Reads the page in `named`, else the one beside this program, else the one in its source.
    ///
    /// # Errors
    /// If there is none, or the folder is not one of a page.
    pub fn load(named: Option<&Path>) -> Result<Self> {
        let folder = match named {
            Some(folder) => folder.to_owned(),
            None => find_folder()?,
        };
        ensure!(
            folder.join("index.html").is_file(),
            "{} has no index.html: name the folder of a built page with --page",
            folder.display()
        );

        let mut page = Self::default();
        page.read_folder(&folder, "")?;
        Ok(page)
    }

    /// Returns a file of the page.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let cannot_read = || format!("cannot read {}", folder.display());

        for entry in fs::read_dir(folder).with_context(cannot_read)? {
            let entry = entry.with_context(cannot_read)?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                self.read_folder(&path, &format!("{name}/"))?;
                continue;
            }

            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            self.bytes += bytes.len() as u64;
            self.files.insert(name, bytes);
            ensure!(
                self.files.len() <= MAX_FILES && self.bytes <= MAX_BYTES,
                "{} has more files than a page: name the folder of a built page with --page",
                folder.display()
            );
        }
        Ok(())
    }
}

fn find_folder() -> Result<PathBuf> {
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent).map(|folder| folder.join("explorer"));
    let mut folders = beside.into_iter().chain([SOURCE_PAGE.into()]);

    match folders.find(|folder| folder.join("index.html").is_file()) {
        Some(folder) => Ok(folder),
        None => bail!(
            "the page is not built: run `npm ci && npm run build` in apps/explorer of the source, \
             or name the folder of a built page with --page"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_with_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let error = Page::load(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("has no index.html"), "{error}");

        fs::create_dir(folder.path().join("assets")).unwrap();
        fs::write(folder.path().join("index.html"), "page").unwrap();
        fs::write(folder.path().join("assets/app.js"), "code").unwrap();
        let page = Page::load(Some(folder.path())).unwrap();
        assert_eq!(page.file("assets/app.js").unwrap(), b"code");
        assert!(page.file("../index.html").is_none());

        for number in 0..MAX_FILES {
            fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
        }
        assert!(Page::load(Some(folder.path())).is_err());
    }
}

//! Files of the work folder by pattern, after everything in it has ended.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobMatcher};
use rustix::fs::{Mode, OFlags};

use crate::{SandboxError, Scratch, error::io};

/// The deepest folder that is looked into.
const MAX_DEPTH: usize = 128;

/// What a search found.
#[derive(Debug, Default)]
pub struct Collected {
    /// Ordinary files, by path.
    pub files: Vec<FoundFile>,
    /// What was asked for and is none, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// An ordinary file.
#[derive(Debug)]
pub struct FoundFile {
    /// Its path, relative to the work folder.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Where it is on the host.
    pub host: PathBuf,
}

/// Something that was asked for and not found as an ordinary file.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The path or the pattern.
    pub path: String,
    /// Why.
    pub reason: String,
}

impl FoundFile {
    /// Opens it, unless it has become a link meanwhile.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(&self) -> Result<File, SandboxError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = rustix::fs::open(&self.host, flags, Mode::empty());
        file.map(File::from).map_err(|error| io("open", &self.host)(error.into()))
    }
}

impl Scratch {
    /// Finds the ordinary files that these patterns name. Symbolic links are neither followed nor taken, since they
    /// may lead out of the sandbox; nor are pipes, sockets and devices.
    ///
    /// # Errors
    /// If a pattern is none, or the work folder cannot be read.
    pub fn collect(&self, patterns: &[String]) -> Result<Collected, SandboxError> {
        let mut search =
            Search { matchers: Vec::new(), hits: vec![false; patterns.len()], found: Collected::default() };
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let glob = glob.map_err(|error| SandboxError::Path {
                path: pattern.clone(),
                problem: format!("it is not a pattern: {}", error.kind()),
            })?;
            search.matchers.push(glob.compile_matcher());
        }
        if !patterns.is_empty() {
            let work = self.work();
            search.folder(&work, "", &vec![false; patterns.len()], 0).map_err(io("list", &work))?;
        }
        let Search { hits, mut found, .. } = search;
        for (pattern, _) in patterns.iter().zip(hits).filter(|(_, hit)| !hit) {
            let reason = "nothing has this name; links to folders are not followed".to_owned();
            found.left_out.push(LeftOut { path: pattern.clone(), reason });
        }
        Ok(found)
    }
}

struct Search {
    matchers: Vec<GlobMatcher>,
    /// Which patterns matched anything.
    hits: Vec<bool>,
    found: Collected,
}

impl Search {
    /// Looks through one folder; `within` tells which patterns name a folder above it.
    fn folder(&mut self, host: &Path, path: &str, within: &[bool], depth: usize) -> std::io::Result<()> {
        let mut entries = fs::read_dir(host)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let name = entry.file_name();
            let child = match (path, name.to_string_lossy()) {
                ("", name) => name.into_owned(),
                (path, name) => format!("{path}/{name}"),
            };
            let matched: Vec<bool> =
                self.matchers.iter().zip(within).map(|(matcher, within)| *within || matcher.is_match(&child)).collect();
            self.hits.iter_mut().zip(&matched).for_each(|(hit, matched)| *hit |= matched);
            let wanted = matched.contains(&true);
            let found = fs::symlink_metadata(entry.path())?;
            if found.is_dir() {
                let problem = if depth >= MAX_DEPTH {
                    Some(format!("it is more than {MAX_DEPTH} folders deep"))
                } else {
                    let listed = self.folder(&entry.path(), &child, &matched, depth + 1);
                    listed.err().map(|error| format!("it cannot be listed: {error}"))
                };
                if let Some(problem) = problem.filter(|_| wanted) {
                    self.leave_out(child, problem);
                }
            } else if wanted && found.is_symlink() {
                self.leave_out(child, "it is a symbolic link".to_owned());
            } else if wanted && !found.is_file() {
                self.leave_out(child, "it is not an ordinary file".to_owned());
            } else if wanted && name.to_str().is_none() {
                self.leave_out(child, "its name is not UTF-8".to_owned());
            } else if wanted {
                self.found.files.push(FoundFile { path: child, size_bytes: found.len(), host: entry.path() });
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, path: String, reason: String) {
        self.found.left_out.push(LeftOut { path, reason });
    }
}

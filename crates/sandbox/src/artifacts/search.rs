//! Walks the work folder and collects the files that match.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    found::{CollectedFiles, FoundFile, LeftOut},
    patterns::Patterns,
};
use crate::CancelToken;

/// The deepest folder that is searched.
const MAX_DEPTH: usize = 128;

/// The limits of one search: what a job leaves behind must not occupy the node for long.
pub(super) const SEARCH_LIMITS: SearchLimits = SearchLimits {
    entries: 1_000_000,
    found: 20_000,
    left_out: 20_000,
    time: Duration::from_secs(30),
};

/// When a search ends early.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchLimits {
    /// Files and folders that are visited.
    pub entries: usize,
    /// Files that are collected.
    pub found: usize,
    /// Matches that are left out.
    pub left_out: usize,
    pub time: Duration,
}

/// A search in progress.
pub(super) struct Search<'a> {
    pub patterns: Patterns,
    pub collected: CollectedFiles,
    /// Why the search ended early.
    pub end_reason: Option<String>,
    cancel: &'a CancelToken,
    limits: SearchLimits,
    begun: Instant,
    visited: usize,
}

impl<'a> Search<'a> {
    pub fn new(patterns: Patterns, cancel: &'a CancelToken, limits: SearchLimits) -> Self {
        Self {
            patterns,
            collected: CollectedFiles::default(),
            end_reason: None,
            cancel,
            limits,
            begun: Instant::now(),
            visited: 0,
        }
    }

    /// Searches one folder. `matched_above` marks the patterns that match a folder above its
    /// entries.
    pub fn search_folder(
        &mut self,
        host: &Path,
        path: &str,
        matched_above: &[bool],
        depth: usize,
    ) -> io::Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(host)? {
            if self.should_end() {
                return Ok(());
            }
            self.visited += 1;
            names.push(entry?.file_name());
        }
        names.sort();

        for name in names {
            if self.should_end() {
                return Ok(());
            }

            let host = host.join(&name);
            let child = match (path, name.to_string_lossy()) {
                ("", name) => name.into_owned(),
                (path, name) => format!("{path}/{name}"),
            };
            let matched = self.patterns.match_path(&child, matched_above);
            let metadata = fs::symlink_metadata(&host)?;

            if metadata.is_dir() {
                self.enter_folder(&host, child, &matched, depth);
            } else if matched.contains(&true) {
                self.collect_match(child, host, &metadata, name.to_str().is_some());
            }
        }
        Ok(())
    }

    pub fn leave_out(&mut self, path: String, reason: String) {
        self.collected.left_out.push(LeftOut { path, reason });
    }

    /// Searches a folder below another one, if a pattern can match there.
    fn enter_folder(&mut self, host: &Path, path: String, matched: &[bool], depth: usize) {
        let is_match = matched.contains(&true);
        if !is_match && !self.patterns.can_match_below(&path) {
            return;
        }

        let problem = if depth >= MAX_DEPTH {
            Some(format!("it is more than {MAX_DEPTH} folders deep"))
        } else {
            let searched = self.search_folder(host, &path, matched, depth + 1);
            searched.err().map(|error| format!("it cannot be listed: {error}"))
        };

        if let Some(problem) = problem.filter(|_| is_match) {
            self.leave_out(path, problem);
        }
    }

    /// Collects a match that is a regular file, and leaves out any other.
    fn collect_match(
        &mut self,
        path: String,
        host: PathBuf,
        metadata: &Metadata,
        is_utf8_name: bool,
    ) {
        if metadata.is_symlink() {
            self.leave_out(path, "it is a symbolic link".to_owned());
        } else if !metadata.is_file() {
            self.leave_out(path, "it is not a regular file".to_owned());
        } else if !is_utf8_name {
            self.leave_out(path, "its name is not UTF-8".to_owned());
        } else {
            self.collected.files.push(FoundFile { path, size_bytes: metadata.len(), host });
        }
    }

    /// Returns whether a limit of the search is reached, or it is cancelled.
    fn should_end(&mut self) -> bool {
        if self.end_reason.is_some() {
            return true;
        }

        let SearchLimits { entries, found, left_out, time } = self.limits;
        let reason = if self.visited >= entries {
            format!("the search ended: there are more than {entries} files and folders")
        } else if self.collected.files.len() >= found || self.collected.left_out.len() >= left_out {
            format!("the search ended: the patterns match more than {found} files")
        } else if self.begun.elapsed() > time {
            format!("the search ended: it took more than {} seconds", time.as_secs())
        } else {
            return self.cancel.is_cancelled();
        };

        let advice = "name folders in the patterns, or pack the files into one";
        self.end_reason = Some(format!("{reason}; {advice}"));
        true
    }
}

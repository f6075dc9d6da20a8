//! Files of the work folder by pattern, after everything in it has ended.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use globset::{GlobBuilder, GlobMatcher};
use rustix::fs::{Mode, OFlags};

use crate::{Cancel, SandboxError, Scratch, error::io};

/// The deepest folder that is looked into.
const MAX_DEPTH: usize = 128;
/// How much one search looks at: what a job leaves behind must not keep the node.
const BOUNDS: Bounds =
    Bounds { entries: 1_000_000, found: 20_000, left_out: 20_000, time: Duration::from_secs(30) };
/// What means something else than itself in a pattern.
const SPECIAL: [char; 9] = ['*', '?', '[', ']', '{', '}', '!', ',', '\\'];

/// When a search ends although there is more.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    entries: usize,
    found: usize,
    left_out: usize,
    time: Duration,
}

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
    /// Finds the ordinary files that these patterns name. Symbolic links are neither followed nor
    /// taken, since they may lead out of the sandbox; nor are pipes, sockets and devices.
    ///
    /// The search ends early after a million files and folders, 20,000 hits or 30 seconds; then
    /// what it found until then is there, and `left_out` tells of the end. It goes only where a
    /// pattern can lead.
    ///
    /// # Errors
    /// If a pattern is none.
    pub fn collect(&self, patterns: &[String]) -> Result<Collected, SandboxError> {
        self.collect_until(&Cancel::default(), patterns)
    }

    /// As [`Self::collect`], for as long as it is wanted.
    ///
    /// # Errors
    /// As well if it is cancelled.
    pub fn collect_until(
        &self,
        cancel: &Cancel,
        patterns: &[String],
    ) -> Result<Collected, SandboxError> {
        self.search(cancel, patterns, BOUNDS)
    }

    fn search(
        &self,
        cancel: &Cancel,
        patterns: &[String],
        bounds: Bounds,
    ) -> Result<Collected, SandboxError> {
        let mut matchers = Vec::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let glob = glob.map_err(|error| SandboxError::Path {
                path: pattern.clone(),
                problem: format!("it is not a pattern: {}", error.kind()),
            })?;
            matchers.push(glob.compile_matcher());
        }
        let mut search = Search {
            matchers,
            starts: patterns.iter().map(|pattern| start(pattern)).collect(),
            hits: vec![false; patterns.len()],
            found: Collected::default(),
            cancel,
            bounds,
            begun: Instant::now(),
            looked_at: 0,
            end: None,
        };
        if !patterns.is_empty() {
            let work = self.work();
            if let Err(error) = search.folder(&work, "", &vec![false; patterns.len()], 0) {
                // A command can close even this one, to a node that is not root.
                search.leave_out(".".to_owned(), format!("it cannot be listed: {error}"));
            }
        }
        if cancel.is_cancelled() {
            return Err(SandboxError::Cancelled);
        }
        let Search { hits, mut found, end, .. } = search;
        for (pattern, _) in patterns.iter().zip(hits).filter(|(_, hit)| !hit) {
            let reason = end
                .clone()
                .unwrap_or("nothing has this name; links to folders are not followed".to_owned());
            found.left_out.push(LeftOut { path: pattern.clone(), reason });
        }
        if let Some(reason) = end {
            // In front: nobody reads to the end of so many.
            found.left_out.insert(0, LeftOut { path: ".".to_owned(), reason });
        }
        Ok(found)
    }
}

/// The folders that a pattern names as they are, before anything in it means something else.
fn start(pattern: &str) -> Vec<String> {
    pattern.split('/').take_while(|part| !part.contains(SPECIAL)).map(str::to_owned).collect()
}

struct Search<'a> {
    matchers: Vec<GlobMatcher>,
    /// Where each pattern leads, as far as it is plain.
    starts: Vec<Vec<String>>,
    /// Which patterns matched anything.
    hits: Vec<bool>,
    found: Collected,
    cancel: &'a Cancel,
    bounds: Bounds,
    begun: Instant,
    looked_at: usize,
    /// Why the search ended early, in words.
    end: Option<String>,
}

impl Search<'_> {
    /// Looks through one folder; `within` tells which patterns name a folder above it.
    fn folder(
        &mut self,
        host: &Path,
        path: &str,
        within: &[bool],
        depth: usize,
    ) -> std::io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(host)? {
            if self.is_over() {
                return Ok(());
            }
            self.looked_at += 1;
            entries.push(entry?.file_name());
        }
        entries.sort();
        for name in entries {
            if self.is_over() {
                return Ok(());
            }
            let host = host.join(&name);
            let child = match (path, name.to_string_lossy()) {
                ("", name) => name.into_owned(),
                (path, name) => format!("{path}/{name}"),
            };
            let matched: Vec<bool> = self
                .matchers
                .iter()
                .zip(within)
                .map(|(matcher, within)| *within || matcher.is_match(&child))
                .collect();
            self.hits.iter_mut().zip(&matched).for_each(|(hit, matched)| *hit |= matched);
            let wanted = matched.contains(&true);
            let found = fs::symlink_metadata(&host)?;
            if found.is_dir() {
                self.enter(&host, child, &matched, depth);
            } else if wanted && found.is_symlink() {
                self.leave_out(child, "it is a symbolic link".to_owned());
            } else if wanted && !found.is_file() {
                self.leave_out(child, "it is not an ordinary file".to_owned());
            } else if wanted && name.to_str().is_none() {
                self.leave_out(child, "its name is not UTF-8".to_owned());
            } else if wanted {
                self.found.files.push(FoundFile { path: child, size_bytes: found.len(), host });
            }
        }
        Ok(())
    }

    /// Looks into a folder, if a pattern can lead there.
    fn enter(&mut self, host: &Path, path: String, matched: &[bool], depth: usize) {
        let wanted = matched.contains(&true);
        let leads_here = |start: &Vec<String>| {
            start.iter().zip(path.split('/')).all(|(start, part)| start == part)
        };
        if !wanted && !self.starts.iter().any(leads_here) {
            return;
        }
        let problem = if depth >= MAX_DEPTH {
            Some(format!("it is more than {MAX_DEPTH} folders deep"))
        } else {
            let listed = self.folder(host, &path, matched, depth + 1);
            listed.err().map(|error| format!("it cannot be listed: {error}"))
        };
        if let Some(problem) = problem.filter(|_| wanted) {
            self.leave_out(path, problem);
        }
    }

    /// Whether this is enough, or nobody wants it any more.
    fn is_over(&mut self) -> bool {
        let Bounds { entries, found, left_out, time } = self.bounds;
        if self.end.is_none() {
            let reason = if self.looked_at >= entries {
                format!("the search ended: there are more than {entries} files and folders")
            } else if self.found.files.len() >= found || self.found.left_out.len() >= left_out {
                format!("the search ended: the patterns name more than {found} files")
            } else if self.begun.elapsed() > time {
                format!("the search ended: it took more than {} seconds", time.as_secs())
            } else {
                return self.cancel.is_cancelled();
            };
            self.end =
                Some(format!("{reason}; name folders in the patterns, or pack the files into one"));
        }
        true
    }

    fn leave_out(&mut self, path: String, reason: String) {
        self.found.left_out.push(LeftOut { path, reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(scratch: &Scratch, patterns: &[&str], bounds: Bounds) -> Collected {
        let patterns: Vec<_> = patterns.iter().map(|pattern| pattern.to_string()).collect();
        scratch.search(&Cancel::default(), &patterns, bounds).unwrap()
    }

    #[test]
    fn a_search_has_an_end() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(parent.path(), None).unwrap();
        for name in 0..50 {
            fs::create_dir_all(scratch.work().join(format!("many/{name}"))).unwrap();
            fs::write(scratch.work().join(format!("many/{name}/file")), "").unwrap();
        }
        let ended = |bounds: Bounds| {
            let found = search(&scratch, &["**/file", "none"], bounds);
            let told = found
                .left_out
                .iter()
                .filter(|left| left.reason.contains("the search ended"))
                .count();
            // Of the whole, and of the pattern that may have been found otherwise.
            assert!(
                told == 2 + usize::from(found.files.is_empty()) || found.files.len() == 50,
                "{found:?}"
            );
            found.files.len()
        };
        assert_eq!(ended(BOUNDS), 50);
        assert!((1..50).contains(&ended(Bounds { entries: 80, ..BOUNDS })));
        assert_eq!(ended(Bounds { entries: 30, ..BOUNDS }), 0);
        assert!((1..50).contains(&ended(Bounds { found: 20, ..BOUNDS })));
        assert_eq!(ended(Bounds { time: Duration::ZERO, ..BOUNDS }), 0);
        // It does not look where a plain name cannot be.
        fs::create_dir(scratch.work().join("out")).unwrap();
        fs::write(scratch.work().join("out/file"), "").unwrap();
        for pattern in ["out/*", "out", "out/file", "o[u]t/file", "./out/file"] {
            let found = search(&scratch, &[pattern], Bounds { entries: 60, ..BOUNDS });
            let is_pruned = pattern.starts_with("out");
            assert_eq!(found.files.len(), usize::from(is_pruned), "{pattern}: {found:?}");
        }
        assert_eq!(search(&scratch, &["o[u]t/file"], BOUNDS).files.len(), 1);
        let cancel = Cancel::default();
        cancel.cancel();
        let cancelled = scratch.collect_until(&cancel, &["**".to_owned()]);
        assert!(matches!(cancelled, Err(SandboxError::Cancelled)), "{cancelled:?}");
    }
}

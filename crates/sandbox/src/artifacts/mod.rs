//! Collects files of the work folder by pattern, after every process in the sandbox has ended.
//!
//! | module | purpose |
//! | --- | --- |
//! | `found` | what a search returns |
//! | `patterns` | compiled patterns, and which of them have matched |
//! | `search` | the walk through the folders, and its limits |

mod found;
mod patterns;
mod search;

pub use found::{CollectedFiles, FoundFile, LeftOut};
use patterns::Patterns;
use search::{SEARCH_LIMITS, Search, SearchLimits};

use crate::{CancelToken, SandboxError, Scratch};

impl Scratch {
    /// Collects the regular files that match these patterns. Symbolic links are neither followed
    /// nor collected, since they may lead out of the sandbox; nor are pipes, sockets and devices.
    ///
    /// The search ends early after a million files and folders, 20,000 matches or 30 seconds; it
    /// then returns what it has found, and `left_out` states that it ended. It enters only folders
    /// in which a pattern can match.
    ///
    /// # Errors
    /// If a pattern is not valid.
    pub fn collect_files(&self, patterns: &[String]) -> Result<CollectedFiles, SandboxError> {
        self.collect_files_until(&CancelToken::default(), patterns)
    }

    /// Like [`Self::collect_files`], until it is cancelled.
    ///
    /// # Errors
    /// If a pattern is not valid, or the search is cancelled.
    pub fn collect_files_until(
        &self,
        cancel: &CancelToken,
        patterns: &[String],
    ) -> Result<CollectedFiles, SandboxError> {
        self.search_files(cancel, patterns, SEARCH_LIMITS)
    }

    fn search_files(
        &self,
        cancel: &CancelToken,
        patterns: &[String],
        limits: SearchLimits,
    ) -> Result<CollectedFiles, SandboxError> {
        let mut search = Search::new(Patterns::compile(patterns)?, cancel, limits);

        if !patterns.is_empty() {
            let none_above = vec![false; patterns.len()];
            if let Err(error) = search.search_folder(&self.work_folder(), "", &none_above, 0) {
                // A command can close even the work folder to a node that does not run as root.
                search.leave_out(".".to_owned(), format!("it cannot be listed: {error}"));
            }
        }
        if cancel.is_cancelled() {
            return Err(SandboxError::Cancelled);
        }

        Ok(report_unmatched(search, patterns))
    }
}

/// Adds the patterns that have not matched, and why the search ended early.
fn report_unmatched(search: Search<'_>, patterns: &[String]) -> CollectedFiles {
    let Search { patterns: searched, mut collected, end_reason, .. } = search;

    let have_matched = searched.into_matched();
    for (pattern, _) in patterns.iter().zip(have_matched).filter(|(_, has_matched)| !has_matched) {
        let reason = end_reason
            .clone()
            .unwrap_or("nothing has this name; links to folders are not followed".to_owned());
        collected.left_out.push(LeftOut { path: pattern.clone(), reason });
    }

    if let Some(reason) = end_reason {
        // First, because the list can be too long to be read to its end.
        collected.left_out.insert(0, LeftOut { path: ".".to_owned(), reason });
    }
    collected
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    fn search_files(scratch: &Scratch, patterns: &[&str], limits: SearchLimits) -> CollectedFiles {
        let patterns: Vec<_> = patterns.iter().map(|pattern| pattern.to_string()).collect();
        scratch.search_files(&CancelToken::default(), &patterns, limits).unwrap()
    }

    #[test]
    fn a_search_ends_at_its_limits() {
        let parent = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(parent.path(), None).unwrap();
        for name in 0..50 {
            fs::create_dir_all(scratch.work_folder().join(format!("many/{name}"))).unwrap();
            fs::write(scratch.work_folder().join(format!("many/{name}/file")), "").unwrap();
        }
        let files_found = |limits: SearchLimits| {
            let found = search_files(&scratch, &["**/file", "none"], limits);
            let ended = found
                .left_out
                .iter()
                .filter(|left| left.reason.contains("the search ended"))
                .count();

            // One entry for the search, one for each pattern that might still have matched.
            assert!(
                ended == 2 + usize::from(found.files.is_empty()) || found.files.len() == 50,
                "{found:?}"
            );
            found.files.len()
        };
        assert_eq!(files_found(SEARCH_LIMITS), 50);
        assert!((1..50).contains(&files_found(SearchLimits { entries: 80, ..SEARCH_LIMITS })));
        assert_eq!(files_found(SearchLimits { entries: 30, ..SEARCH_LIMITS }), 0);
        assert!((1..50).contains(&files_found(SearchLimits { found: 20, ..SEARCH_LIMITS })));
        assert_eq!(files_found(SearchLimits { time: Duration::ZERO, ..SEARCH_LIMITS }), 0);

        // Folders that a literal pattern does not name are not entered.
        fs::create_dir(scratch.work_folder().join("out")).unwrap();
        fs::write(scratch.work_folder().join("out/file"), "").unwrap();
        for pattern in ["out/*", "out", "out/file", "o[u]t/file", "./out/file"] {
            let found =
                search_files(&scratch, &[pattern], SearchLimits { entries: 60, ..SEARCH_LIMITS });
            let is_pruned = pattern.starts_with("out");
            assert_eq!(found.files.len(), usize::from(is_pruned), "{pattern}: {found:?}");
        }
        assert_eq!(search_files(&scratch, &["o[u]t/file"], SEARCH_LIMITS).files.len(), 1);
        let cancel = CancelToken::default();
        cancel.cancel();
        let cancelled = scratch.collect_files_until(&cancel, &["**".to_owned()]);
        assert!(matches!(cancelled, Err(SandboxError::Cancelled)), "{cancelled:?}");
    }
}

//! The glob patterns of one search.

use globset::{GlobBuilder, GlobMatcher};

use crate::SandboxError;

/// Characters that have a special meaning in a pattern.
const SPECIAL_CHARACTERS: [char; 9] = ['*', '?', '[', ']', '{', '}', '!', ',', '\\'];

/// Compiled patterns, and which of them have matched so far. Slices of `bool` that its methods take
/// and return have one element for each pattern.
pub(super) struct Patterns {
    matchers: Vec<GlobMatcher>,
    /// The leading folders of each pattern, up to the first special character.
    prefixes: Vec<Vec<String>>,
    have_matched: Vec<bool>,
}

impl Patterns {
    pub fn compile(patterns: &[String]) -> Result<Self, SandboxError> {
        let mut matchers = Vec::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            let glob = glob.map_err(|error| SandboxError::Path {
                path: pattern.clone(),
                problem: format!("it is not a valid pattern: {}", error.kind()),
            })?;
            matchers.push(glob.compile_matcher());
        }

        Ok(Self {
            matchers,
            prefixes: patterns.iter().map(|pattern| literal_prefix(pattern)).collect(),
            have_matched: vec![false; patterns.len()],
        })
    }

    /// Returns which patterns match `path` or, by `matched_above`, a folder above it, and records
    /// them.
    pub fn match_path(&mut self, path: &str, matched_above: &[bool]) -> Vec<bool> {
        let matched: Vec<bool> = self
            .matchers
            .iter()
            .zip(matched_above)
            .map(|(matcher, above)| *above || matcher.is_match(path))
            .collect();

        self.have_matched.iter_mut().zip(&matched).for_each(|(has, matched)| *has |= matched);
        matched
    }

    /// Returns whether a pattern can match anything below the folder `path`.
    pub fn can_match_below(&self, path: &str) -> bool {
        self.prefixes
            .iter()
            .any(|prefix| prefix.iter().zip(path.split('/')).all(|(prefix, part)| prefix == part))
    }

    /// Returns which patterns have matched.
    pub fn into_matched(self) -> Vec<bool> {
        self.have_matched
    }
}

/// The folders that a pattern names literally, before its first special character.
fn literal_prefix(pattern: &str) -> Vec<String> {
    let parts = pattern.split('/').take_while(|part| !part.contains(SPECIAL_CHARACTERS));
    parts.map(str::to_owned).collect()
}

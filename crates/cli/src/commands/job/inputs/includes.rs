//! Patterns of `--include`: files that are sent although git ignores them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use globset::{GlobBuilder, GlobMatcher};

/// Characters that have a special meaning in a pattern.
const SPECIAL_CHARACTERS: [char; 6] = ['*', '?', '[', '{', '}', '\\'];

/// Compiled patterns, and which of them have matched.
pub struct Includes {
    patterns: Vec<IncludePattern>,
}

struct IncludePattern {
    text: String,
    matcher: GlobMatcher,
    /// The leading folders that the pattern names literally.
    prefix: Vec<String>,
    has_matched: bool,
}

impl Includes {
    /// Compiles the patterns, which are relative to a folder that is sent.
    pub fn compile(patterns: &[String]) -> Result<Self> {
        let compile = |text: &String| {
            let pattern = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
            let matcher = GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .with_context(|| format!("--include `{text}` is not a valid pattern"))?
                .compile_matcher();
            let parts = pattern.split('/').take_while(|part| !part.contains(SPECIAL_CHARACTERS));
            let prefix = parts.map(str::to_owned).collect();
            Ok(IncludePattern { text: text.clone(), matcher, prefix, has_matched: false })
        };
        Ok(Self { patterns: patterns.iter().map(compile).collect::<Result<_>>()? })
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Returns whether a pattern names the path or a folder above it, and remembers which.
    pub fn matches(&mut self, path: &Path) -> bool {
        let places: Vec<&Path> =
            path.ancestors().filter(|place| !place.as_os_str().is_empty()).collect();
        let mut is_match = false;

        for pattern in &mut self.patterns {
            if places.iter().any(|place| pattern.matcher.is_match(place)) {
                pattern.has_matched = true;
                is_match = true;
            }
        }
        is_match
    }

    /// Returns whether a pattern can match anything in the folder.
    pub fn can_match_below(&self, folder: &Path) -> bool {
        self.patterns.iter().any(|pattern| {
            let mut parts = pattern.prefix.iter().zip(folder.components());
            parts.all(|(part, component)| component.as_os_str() == part.as_str())
        })
    }

    /// Fails if a pattern has matched nothing in any folder.
    pub fn ensure_used(&self) -> Result<()> {
        let unused = self.patterns.iter().find(|pattern| !pattern.has_matched);
        let name = unused.map_or("", |pattern| &pattern.text);
        ensure!(
            unused.is_none(),
            "--include `{name}` matches nothing; give a path or pattern relative to the folder \
             that --input names"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(patterns: &[&str]) -> Includes {
        let patterns: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
        Includes::compile(&patterns).unwrap()
    }

    #[test]
    fn a_folder_means_everything_in_it() {
        let mut includes = compile(&["build/", "./a/*.lock", "**/x"]);
        for path in ["build", "build/a/b", "a/b.lock", "c/d/x", "x/y"] {
            assert!(includes.matches(Path::new(path)), "{path}");
        }
        for path in ["builds", "a/b/c.lock", "a", "b/build"] {
            assert!(!includes.matches(Path::new(path)), "{path}");
        }
        includes.ensure_used().unwrap();
    }

    #[test]
    fn only_folders_with_possible_matches_are_searched() {
        let includes = compile(&["build/out/*.so"]);
        assert!(includes.can_match_below(Path::new("build")));
        assert!(includes.can_match_below(Path::new("build/out/deep")));
        assert!(!includes.can_match_below(Path::new("node_modules")));
        assert!(compile(&["**/x"]).can_match_below(Path::new("node_modules")));
    }

    #[test]
    fn a_pattern_without_a_match_is_an_error() {
        assert!(compile(&["none"]).ensure_used().unwrap_err().to_string().contains("`none`"));
        assert!(Includes::compile(&["[".to_owned()]).is_err());
    }
}

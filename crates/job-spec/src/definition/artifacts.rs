//! The artifacts that an operation may keep.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{
    checks::check_max_count,
    error::{DefinitionError, refuse_field},
    path::{MAX_PATH_BYTES, check_path},
};
use crate::{Artifact, schema::regexes::RELATIVE_PATH};

/// The most artifact patterns of one operation.
pub const MAX_PATTERNS: usize = 64;

/// The artifacts that an operation may keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedArtifacts {
    /// Paths relative to the work folder, or patterns of them.
    pub patterns: Vec<String>,
    /// The most bytes that all files may have together.
    pub max_bytes: u64,
}

impl ExpectedArtifacts {
    /// Returns the names of files and folders that are given literally and of which `kept` has
    /// nothing. A pattern may match nothing.
    pub fn find_missing(&self, kept: &[Artifact]) -> Vec<String> {
        let is_kept = |name: &String| {
            kept.iter().any(|artifact| {
                let rest = artifact.path.strip_prefix(name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };

        let names = self.patterns.iter().filter_map(|pattern| literal_name(pattern));
        names.filter(|name| !is_kept(name)).collect()
    }
}

/// Returns the only name that a pattern matches; `None` if it can match several.
fn literal_name(pattern: &str) -> Option<String> {
    let mut name = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();

    while let Some(character) = characters.next() {
        match character {
            '*' | '?' | '[' | '{' => return None,
            '\\' => name.push(characters.next()?),
            literal => name.push(literal),
        }
    }
    Some(name)
}

/// Checks the patterns of an operation.
pub(super) fn check_patterns(pointer: &str, patterns: &[String]) -> Result<(), DefinitionError> {
    check_max_count(pointer, "patterns", patterns.len(), MAX_PATTERNS)?;

    for (index, pattern) in patterns.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        check_path(&pointer, pattern, false)?;

        if let Err(error) = globset::Glob::new(pattern) {
            return refuse_field(
                pointer,
                format!(
                    "is not a valid pattern: {}; put `\\` before a literal character",
                    error.kind()
                ),
            );
        }
    }
    Ok(())
}

/// The schema of the patterns.
pub(super) fn patterns_schema(_: &mut SchemaGenerator) -> Schema {
    let pattern =
        json_schema!({ "type": "string", "pattern": RELATIVE_PATH, "maxLength": MAX_PATH_BYTES });

    json_schema!({ "type": "array", "maxItems": MAX_PATTERNS, "items": pattern })
}

/// Allows `artefacts` in place of `artifacts`, the spelling of earlier releases. The reader refuses
/// both at once as a duplicate field.
pub(super) fn artifacts_alias(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(mut patterns) = properties.get("artifacts").cloned() else { return };

    if let Some(patterns) = patterns.as_object_mut() {
        patterns.insert("deprecated".to_owned(), true.into());
        patterns.insert("description".to_owned(), "Another spelling of `artifacts`.".into());
    }
    properties.insert("artefacts".to_owned(), patterns);

    schema.insert("not".to_owned(), json!({ "required": ["artifacts", "artefacts"] }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentId;

    fn find_missing(patterns: &[&str], kept: &[&str]) -> Vec<String> {
        let content = ContentId::from_digest([1; 32]);
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let kept: Vec<_> = kept
            .iter()
            .map(|path| Artifact { path: (*path).to_owned(), size_bytes: 1, content })
            .collect();
        ExpectedArtifacts { patterns, max_bytes: 1 }.find_missing(&kept)
    }

    #[test]
    fn a_literal_name_is_kept_as_a_file_or_a_folder() {
        assert_eq!(find_missing(&["report.xml", "build"], &["report.xml", "build/a/b"]), [""; 0]);
        assert_eq!(find_missing(&["report.xml", "build"], &["build"]), ["report.xml"]);
        assert_eq!(find_missing(&["build", "a/b"], &["builds/a", "a/bc", "b"]), ["build", "a/b"]);
    }

    #[test]
    fn a_pattern_may_match_nothing() {
        assert_eq!(find_missing(&["*.tar", "a?", "[ab]", "{a,b}", "**/x"], &[]), [""; 0]);
        assert_eq!(find_missing(&[r"a\[1\].xml", r"b\*"], &["a[1].xml"]), ["b*"]);
    }
}

//! The artifacts that an operation may keep.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{
    checks::check_max_count,
    error::{DefinitionError, refuse_field},
    path::{MAX_PATH_BYTES, check_path},
};
use crate::schema::regexes::RELATIVE_PATH;

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

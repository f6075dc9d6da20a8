//! The forms of texts in resources, and their schemas.

use regex::Regex;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::{
    definition::{
        checks::check_count,
        error::{DefinitionError, refuse_field, shorten},
        path::check_path,
    },
    schema::regexes::RELATIVE_PATH,
};

/// The most files that a resource names.
const MAX_FILES: usize = 256;
/// The longest URL or name, in bytes.
const MAX_NAME_BYTES: usize = 2048;
/// The longest path of a file, in bytes.
const MAX_PATH_BYTES: usize = 1024;

pub(super) const REPOSITORY: &str = "^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$";
pub(super) const REVISION: &str = "^[A-Za-z0-9][A-Za-z0-9._/-]*$";
pub(super) const WEB_URL: &str = r"^https?://[^/?#@\s\\]+(/\S*)?$";
pub(super) const S3_URL: &str = r"^(https?|s3)://[^/?#@\s\\]+(/[^?#\s\\]*)?$";
pub(super) const BUCKET: &str = "^[a-z0-9][a-z0-9.-]{1,62}$";
pub(super) const OLLAMA_MODEL: &str =
    "^([A-Za-z0-9][A-Za-z0-9._-]*/){0,2}[A-Za-z0-9][A-Za-z0-9._-]*(:[A-Za-z0-9][A-Za-z0-9._-]*)?$";
const SHA256: &str = "^(sha256:)?[0-9a-f]{64}$";

/// Checks that a text has a form. `example` has it.
pub(super) fn check_form(
    pointer: &str,
    text: &str,
    form: &str,
    example: &str,
) -> Result<(), DefinitionError> {
    let has_form = Regex::new(form).is_ok_and(|form| form.is_match(text));
    if has_form && text.len() <= MAX_NAME_BYTES {
        return Ok(());
    }
    refuse_field(
        pointer,
        format!("`{}` does not have the form of `{example}`; correct it", shorten(text)),
    )
}

/// Checks the files that a resource names.
pub(super) fn check_files(pointer: &str, files: &[String]) -> Result<(), DefinitionError> {
    if files.is_empty() {
        return Ok(());
    }
    check_count(pointer, "files", files.len(), MAX_FILES)?;
    let mut all = files.iter().enumerate();
    all.try_for_each(|(index, file)| check_path(&format!("{pointer}/{index}"), file, false))
}

fn text_schema(pattern: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern, "maxLength": MAX_NAME_BYTES })
}

fn optional_text_schema(pattern: &str) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": pattern, "maxLength": MAX_NAME_BYTES })
}

pub(super) fn repository_schema(_: &mut SchemaGenerator) -> Schema {
    text_schema(REPOSITORY)
}

pub(super) fn revision_schema(_: &mut SchemaGenerator) -> Schema {
    optional_text_schema(REVISION)
}

pub(super) fn s3_url_schema(_: &mut SchemaGenerator) -> Schema {
    text_schema(S3_URL)
}

pub(super) fn bucket_schema(_: &mut SchemaGenerator) -> Schema {
    optional_text_schema(BUCKET)
}

pub(super) fn ollama_schema(_: &mut SchemaGenerator) -> Schema {
    text_schema(OLLAMA_MODEL)
}

pub(super) fn web_url_schema(_: &mut SchemaGenerator) -> Schema {
    text_schema(WEB_URL)
}

pub(super) fn sha256_schema(_: &mut SchemaGenerator) -> Schema {
    optional_text_schema(SHA256)
}

pub(super) fn files_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": MAX_FILES,
        "items": { "type": "string", "pattern": RELATIVE_PATH, "maxLength": MAX_PATH_BYTES },
    })
}

//! Names of images.

use regex::Regex;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::error::{DefinitionError, refuse_field};
use crate::schema::regexes::IMAGE;

/// The longest name of an image, in bytes.
const MAX_IMAGE_BYTES: usize = 512;

/// Checks that a text names an image in a registry.
pub(super) fn check_image(pointer: &str, image: &str) -> Result<(), DefinitionError> {
    let is_image = Regex::new(IMAGE).is_ok_and(|form| form.is_match(image));

    if is_image && image.len() <= MAX_IMAGE_BYTES {
        return Ok(());
    }
    refuse_field(pointer, "must name an image, like `docker.io/library/debian:13`")
}

/// The schema of an image.
pub(super) fn image_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": IMAGE, "maxLength": MAX_IMAGE_BYTES })
}

/// The schema of an optional image.
pub(super) fn optional_image_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": IMAGE, "maxLength": MAX_IMAGE_BYTES })
}

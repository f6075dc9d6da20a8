//! Schemas of single fields, for `#[schemars(schema_with = …)]`: bounds that no attribute can say.
//!
//! Bounds of bytes become bounds of characters: no text has more characters than bytes.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::definition::{
    MAX_ID_BYTES, MAX_INPUT_BYTES, MAX_INPUTS, MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATTERNS, MAX_VARIABLE_BYTES,
    MAX_VARIABLES,
};

/// Control characters, within a class.
macro_rules! control {
    () => {
        r"\x00-\x1f\x7f-\x9f"
    };
}
/// A name within a path: not empty, not `.`, not `..`.
macro_rules! name {
    () => {
        concat!(
            r"([^./",
            control!(),
            r"][^/",
            control!(),
            r"]*|\.[^./",
            control!(),
            r"][^/",
            control!(),
            r"]*|\.\.[^/",
            control!(),
            r"]+)"
        )
    };
}

const PATH: &str = concat!("^", name!(), "(/", name!(), ")*$");
const FOLDER: &str = concat!(r"^(\.|", name!(), "(/", name!(), ")*)$");
const PRINTABLE: &str = concat!("^[^", control!(), "]*[^", control!(), r"\s][^", control!(), "]*$");
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
/// A text without NUL.
pub(crate) const NO_NUL: &str = r"^[^\x00]*$";
/// A text without NUL that is not blank.
pub(crate) const TEXT: &str = r"^[^\x00]*[^\x00\s][^\x00]*$";

/// The name of an operation.
pub fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": MAX_ID_BYTES })
}

/// Texts that are not blank.
pub fn texts(_: &mut SchemaGenerator) -> Schema {
    let text = json_schema!({ "type": "string", "pattern": r"\S", "maxLength": MAX_INPUT_BYTES });
    json_schema!({ "type": "array", "minItems": 1, "maxItems": MAX_INPUTS, "items": text })
}

/// Variables of a program.
pub fn environment(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": MAX_VARIABLES,
        "propertyNames": { "pattern": VARIABLE, "maxLength": MAX_NAME_BYTES },
        "additionalProperties": { "type": "string", "pattern": NO_NUL, "maxLength": MAX_VARIABLE_BYTES },
    })
}

/// A path below the work folder, or the work folder.
pub fn folder(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": FOLDER, "maxLength": MAX_PATH_BYTES })
}

/// A path below the work folder, or the work folder; or nothing.
pub fn optional_folder(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": FOLDER, "maxLength": MAX_PATH_BYTES })
}

/// Patterns of paths below the work folder.
pub fn patterns(_: &mut SchemaGenerator) -> Schema {
    let pattern = json_schema!({ "type": "string", "pattern": PATH, "maxLength": MAX_PATH_BYTES });
    json_schema!({ "type": "array", "maxItems": MAX_PATTERNS, "items": pattern })
}

/// A name that is shown to people.
pub fn step_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": PRINTABLE, "maxLength": MAX_NAME_BYTES })
}

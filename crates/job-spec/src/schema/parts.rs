//! Schemas of single fields, for `#[schemars(schema_with = …)]`: bounds that no attribute can say.
//!
//! Bounds of bytes become bounds of characters: no text has more characters than bytes.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::{
    MAX_INPUT_BYTES, MAX_INPUTS, MAX_OPERATIONS, MAX_PATTERNS, MAX_RESULTS, MAX_VARIABLE_BYTES,
    MAX_VARIABLES, ResultRule,
    definition::{
        IMAGE, MAX_CONTAINER_PATH_BYTES, MAX_ID_BYTES, MAX_IMAGE_BYTES, MAX_NAME_BYTES,
        MAX_PATH_BYTES,
    },
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
const ID: &str = "^[A-Za-z0-9_-]+$";
/// `..` is no part of it, and neither are the signs that engines give a meaning of their own.
const CONTAINER_PATH: &str = concat!(
    r"^(/([^./:,",
    control!(),
    r"][^/:,",
    control!(),
    r"]*|\.|\.[^./:,",
    control!(),
    r"][^/:,",
    control!(),
    r"]*|\.\.[^/:,",
    control!(),
    r"]+)?)+$"
);
/// A text without NUL.
pub(crate) const NO_NUL: &str = r"^[^\x00]*$";
/// A text without NUL that is not blank.
pub(crate) const TEXT: &str = r"^[^\x00]*[^\x00\s][^\x00]*$";

/// The name of an operation.
pub fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": ID, "maxLength": MAX_ID_BYTES })
}

/// Texts that are not blank.
pub fn texts(_: &mut SchemaGenerator) -> Schema {
    let text = json_schema!({ "type": "string", "pattern": r"\S", "maxLength": MAX_INPUT_BYTES });
    json_schema!({ "type": "array", "minItems": 1, "maxItems": MAX_INPUTS, "items": text })
}

/// Variables of a program.
pub fn environment(_: &mut SchemaGenerator) -> Schema {
    let variable = format!("^[A-Za-z_][A-Za-z0-9_]{{0,{}}}$", MAX_NAME_BYTES - 1);
    json_schema!({
        "type": "object",
        "maxProperties": MAX_VARIABLES,
        "patternProperties": { variable: { "type": "string", "pattern": NO_NUL, "maxLength": MAX_VARIABLE_BYTES } },
        "additionalProperties": false,
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

/// Names of operations.
pub fn ids(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": id(generator), "maxItems": MAX_OPERATIONS })
}

/// The name of a container image.
pub fn image(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": IMAGE, "maxLength": MAX_IMAGE_BYTES })
}

/// The name of a container image, or nothing.
pub fn optional_image(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": IMAGE, "maxLength": MAX_IMAGE_BYTES })
}

/// A program and its arguments, or nothing.
pub fn arguments(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "allOf": [{ "prefixItems": [{ "minLength": 1 }] }],
        "items": { "type": "string", "pattern": NO_NUL },
    })
}

/// An absolute path in a container.
pub fn container_path(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": CONTAINER_PATH, "maxLength": MAX_CONTAINER_PATH_BYTES })
}

/// An absolute path in a container, or nothing.
pub fn optional_container_path(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": CONTAINER_PATH, "maxLength": MAX_CONTAINER_PATH_BYTES })
}

/// What is taken from a log, by name.
pub fn results(generator: &mut SchemaGenerator) -> Schema {
    let name = format!("^[A-Za-z0-9_-]{{1,{MAX_ID_BYTES}}}$");
    json_schema!({
        "type": "object",
        "maxProperties": MAX_RESULTS,
        "patternProperties": { name: generator.subschema_for::<ResultRule>() },
        "additionalProperties": false,
    })
}

//! Schemas of types that are read from one text, and of commands in their two forms.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::parts::{NO_NUL, TEXT};
use crate::{ContentId, MAX_COMMAND_BYTES, ModelDigest, Run};

impl JsonSchema for ContentId {
    fn schema_name() -> Cow<'static, str> {
        "ContentId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A CIDv0: the SHA-256 of a file's root block, as `ipfs add` makes it.",
            "type": "string",
            "pattern": "^Qm[1-9A-HJ-NP-Za-km-z]{44}$",
        })
    }
}

impl JsonSchema for ModelDigest {
    fn schema_name() -> Cow<'static, str> {
        "ModelDigest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A model, named by the SHA-256 of its weights file.",
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
        })
    }
}

impl JsonSchema for Run {
    fn schema_name() -> Cow<'static, str> {
        "Run".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A line for a shell, or a program and its arguments.",
            "type": ["string", "array"],
            "pattern": TEXT,
            "maxLength": MAX_COMMAND_BYTES,
            "minItems": 1,
            // Apart from `items`, which would otherwise begin behind the program.
            "allOf": [{ "prefixItems": [{ "minLength": 1 }] }],
            "items": { "type": "string", "pattern": NO_NUL, "maxLength": MAX_COMMAND_BYTES },
        })
    }
}

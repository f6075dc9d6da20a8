//! The model of an operation: its digest, and where its file comes from.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    checks::check_count,
    error::{DefinitionError, refuse_field},
};
use crate::{ModelDigest, ModelLocation};

/// The most sources of a model.
pub const MAX_MODEL_SOURCES: usize = 4;
/// The longest source of a model, in bytes of UTF-8.
pub const MAX_SOURCE_BYTES: usize = 2 * 1024;

/// The model of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelRef {
    /// A model that the nodes' software knows.
    Known(ModelDigest),
    /// Any model, with the sources that a node gets it from.
    Sourced(SourcedModel),
}

/// A model with the sources that a node gets it from. The node checks the file's digest, so no
/// source has to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcedModel {
    /// The digest of the file.
    pub digest: ModelDigest,
    /// Where the file is, the preferred source first; see [`ModelLocation`].
    pub sources: Vec<String>,
}

impl ModelRef {
    /// The digest of the model's file.
    pub const fn digest(&self) -> ModelDigest {
        match self {
            Self::Known(digest) => *digest,
            Self::Sourced(model) => model.digest,
        }
    }

    /// Where the file is, the preferred source first; empty if the nodes' software knows the model.
    pub fn sources(&self) -> &[String] {
        match self {
            Self::Known(_) => &[],
            Self::Sourced(model) => &model.sources,
        }
    }

    /// Validates the sources. `pointer` is the model's place in the definition.
    pub(super) fn validate_sources(&self, pointer: &str) -> Result<(), DefinitionError> {
        let Self::Sourced(model) = self else { return Ok(()) };
        let pointer = format!("{pointer}/sources");
        check_count(&pointer, "sources", model.sources.len(), MAX_MODEL_SOURCES)?;

        for (index, source) in model.sources.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            if source.len() > MAX_SOURCE_BYTES {
                let bytes = source.len();
                return refuse_field(
                    pointer,
                    format!("has {bytes} bytes; at most {MAX_SOURCE_BYTES} are allowed"),
                );
            }
            if let Err(error) = source.parse::<ModelLocation>() {
                return refuse_field(pointer, error.to_string());
            }
        }
        Ok(())
    }
}

impl From<ModelDigest> for ModelRef {
    fn from(digest: ModelDigest) -> Self {
        Self::Known(digest)
    }
}

/// A known model is its digest, another one an object.
impl Serialize for ModelRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(digest) => digest.serialize(serializer),
            Self::Sourced(model) => model.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ModelRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RefVisitor)
    }
}

struct RefVisitor;

impl<'de> de::Visitor<'de> for RefVisitor {
    type Value = ModelRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a model's digest, or an object with `digest` and `sources`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ModelRef, E> {
        text.parse().map(ModelRef::Known).map_err(E::custom)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<ModelRef, A::Error> {
        SourcedModel::deserialize(de::value::MapAccessDeserializer::new(map)).map(ModelRef::Sourced)
    }
}

/// Rules for a text and for an object in one schema: problems are reported at the field itself,
/// which a choice between two schemas does not allow.
impl JsonSchema for ModelRef {
    fn schema_name() -> Cow<'static, str> {
        "ModelRef".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let digest = generator.subschema_for::<ModelDigest>();
        let source = json_schema!({
            "type": "string",
            "maxLength": MAX_SOURCE_BYTES,
            "pattern": "^(hf|https|http|ipfs)://[^/?#@\\s]+",
        });

        json_schema!({
            "description": "A model: the digest of its weights file if the nodes' software knows \
                            it, else the digest with the sources that a node gets the file from.",
            "type": ["string", "object"],
            "pattern": "^sha256:[0-9a-f]{64}$",
            "required": ["digest", "sources"],
            "additionalProperties": false,
            "properties": {
                "digest": digest,
                "sources": {
                    "description": "`hf://org/repo/file.gguf`, `https://…`, `http://…` or \
                                    `ipfs://CID`; the preferred one first.",
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MAX_MODEL_SOURCES,
                    "items": source,
                },
            },
        })
    }
}

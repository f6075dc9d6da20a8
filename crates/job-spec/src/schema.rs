//! JSON schemas (draft 2020-12) of what jobs say and answer, made from the types that read them.
//!
//! A schema refuses nothing that the reader accepts, and says less than the reader where JSON
//! Schema cannot say more: it counts characters and not bytes, it does not see that two operations
//! have one name, and it does not try patterns.

mod parts;
mod problems;
#[cfg(test)]
mod tests;
mod tidy;
mod types;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

pub(crate) use self::parts::{
    arguments, container_path, environment, folder, id, ids, image, optional_container_path,
    optional_folder, optional_image, patterns, results, step_name, texts,
};
pub use self::problems::Problem;
pub(crate) use self::tidy::{artifacts_alias, output_or_error};
use crate::{
    DEFINITION_VERSION, JobDefinition, JobResult, PUBLISHED_VERSION, RESULT_VERSION,
    definition::PublishedDefinition,
};

/// A kind of document that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A job definition of version [`DEFINITION_VERSION`].
    Definition,
    /// A job definition of version [`PUBLISHED_VERSION`], in so far as this software runs it.
    Published,
    /// A job result of version [`RESULT_VERSION`].
    Result,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Definition, Self::Published, Self::Result];

    /// The name of its file in `docs/schema`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Definition => "nosana-1.definition.schema.json",
            Self::Published => "0.1.definition.schema.json",
            Self::Result => "nosana-result-1.schema.json",
        }
    }

    /// The kind of a document, told by its `version`.
    pub fn of(value: &Value) -> Option<Self> {
        let version = value.get("version")?.as_str()?;
        Self::ALL.into_iter().find(|document| document.version() == version)
    }

    /// What `version` says in such a document.
    pub fn version(self) -> &'static str {
        match self {
            Self::Definition => DEFINITION_VERSION,
            Self::Published => PUBLISHED_VERSION,
            Self::Result => RESULT_VERSION,
        }
    }

    /// Its schema.
    pub fn schema(self) -> Value {
        match self {
            Self::Definition => generate::<JobDefinition>("Nosana job definition, nosana/1"),
            Self::Published => generate::<PublishedDefinition>("Nosana job definition, 0.1"),
            Self::Result => generate::<JobResult>("Nosana job result, nosana-result/1"),
        }
    }

    /// The text of its schema, as it is published.
    pub fn schema_text(self) -> String {
        format!("{:#}\n", self.schema())
    }
}

fn generate<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    let mut schema = Value::from(schema);
    tidy::by_type(&mut schema);
    schema
}

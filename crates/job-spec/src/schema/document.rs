//! The kinds of documents, and their schemas.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::tidy::{allow_placeholders, replace_choices, sort_fields};
use crate::{
    DEFINITION_VERSION, JobDefinition, JobResult, PUBLISHED_VERSION, RESULT_VERSION,
    definition::published::document::{PublishedDefinition, allow_port_texts, hide_flat_files},
};

/// A kind of document that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A job definition of version [`DEFINITION_VERSION`].
    Definition,
    /// A job definition of version [`PUBLISHED_VERSION`], as far as this software runs it.
    Published,
    /// A job result of version [`RESULT_VERSION`].
    Result,
}

impl Document {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Definition, Self::Published, Self::Result];

    /// The name of the schema's file in `docs/schema`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Definition => "nosana-1.definition.schema.json",
            Self::Published => "0.1.definition.schema.json",
            Self::Result => "nosana-result-1.schema.json",
        }
    }

    /// The kind of a document, by its `version`.
    pub fn of(value: &Value) -> Option<Self> {
        let version = value.get("version")?.as_str()?;
        Self::ALL.into_iter().find(|document| document.version() == version)
    }

    /// The `version` of such a document.
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
            Self::Definition => generate_schema::<JobDefinition>("Nosana job definition, nosana/1"),
            Self::Published => {
                let title = "Nosana job definition, 0.1";
                let mut schema = generate_schema::<PublishedDefinition>(title);
                allow_port_texts(&mut schema);
                hide_flat_files(&mut schema);
                allow_placeholders(&mut schema);
                schema
            }
            Self::Result => generate_schema::<JobResult>("Nosana job result, nosana-result/1"),
        }
    }

    /// The text of its schema, as published in `docs/schema`.
    pub fn schema_text(self) -> String {
        format!("{:#}\n", self.schema())
    }
}

fn generate_schema<T: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());

    let mut schema = Value::from(schema);
    replace_choices(&mut schema);
    sort_fields(&mut schema);
    schema
}

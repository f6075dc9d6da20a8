//! `nosana job schema`: the JSON schemas of definitions and results.

use anyhow::Result;
use clap::{Args, ValueEnum};
use nosana_job_spec::Document;

/// Which schema.
#[derive(Debug, Args)]
pub struct SchemaOptions {
    /// Kind of file
    #[arg(value_enum, default_value_t = SchemaKind::Definition)]
    kind: SchemaKind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemaKind {
    /// Job definition, `nosana/1`
    Definition,
    /// Job definition with containers in Nosana's published schema, `0.1`
    Container,
    /// Job result, `nosana-result/1`
    Result,
}

/// Prints a schema.
pub fn print_schema(options: &SchemaOptions) -> Result<()> {
    let document = match options.kind {
        SchemaKind::Definition => Document::Definition,
        SchemaKind::Container => Document::Published,
        SchemaKind::Result => Document::Result,
    };

    print!("{}", document.schema_text());
    Ok(())
}

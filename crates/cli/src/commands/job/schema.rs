//! `nosana job schema`, and what a schema says of a file.

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use nosana_job_spec::Document;
use serde_json::Value;

/// The most problems that are told at once.
const MAX_TOLD: usize = 50;

/// Whose schema.
#[derive(Debug, Args)]
pub struct Options {
    /// The kind of file
    #[arg(value_enum, default_value_t = Kind::Definition)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// What a job asks for, `nosana/1`
    Definition,
    /// What a job asks for, containers in Nosana's published schema, `0.1`
    Container,
    /// What a node answers, `nosana-result/1`
    Result,
}

/// Prints a schema.
pub fn print(options: &Options) -> Result<()> {
    let document = match options.kind {
        Kind::Definition => Document::Definition,
        Kind::Container => Document::Published,
        Kind::Result => Document::Result,
    };
    print!("{}", document.schema_text());
    Ok(())
}

/// Fails with everything that the schema of a definition finds wrong, each at its field. A version
/// that nobody knows is left to the reader.
pub fn check(definition: &[u8]) -> Result<()> {
    let value: Value = serde_json::from_slice(definition).context("it is not JSON")?;
    let Some(document) = Document::of(&value) else { return Ok(()) };
    let problems = document.problems(&value);
    if problems.is_empty() {
        return Ok(());
    }
    let told: Vec<String> =
        problems.iter().take(MAX_TOLD).map(|problem| format!("\n  {problem}")).collect();
    let more = problems.len().saturating_sub(MAX_TOLD);
    let rest = if more == 0 { String::new() } else { format!("\n  and {more} more") };
    bail!("{} problem(s):{}{rest}", problems.len(), told.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_and_unknown_versions_are_left_alone() {
        let broken = br#"{ "version": "nosana/1", "ops": [{ "id": "a b", "type": "command/run", "args": {} }] }"#;
        let told = check(broken).unwrap_err().to_string();
        assert!(
            told.contains("/ops/0/id: ") && told.contains("/ops/0/args/steps: is missing"),
            "{told}"
        );
        assert!(check(b"{}").is_ok());
        assert!(check(b"{").is_err());
    }
}

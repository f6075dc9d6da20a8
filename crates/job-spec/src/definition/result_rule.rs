//! Results of a container: regular expressions that select text of its log, line by line.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{
    checks::{check_count, check_max_count, escape_key},
    error::{DefinitionError, refuse_field},
    id::{check_id, key_pattern},
};

/// The most results of one container.
pub const MAX_RESULTS: usize = 64;
/// The longest regular expression, in bytes.
const MAX_REGEX_BYTES: usize = 4096;
/// The largest compiled expression, in bytes. The time of a search grows with it and with the
/// length of the text.
const MAX_COMPILED_BYTES: usize = 256 * 1024;
/// The size of a compiled expression above which it is large, in bytes.
const LARGE_COMPILED_BYTES: usize = 32 * 1024;
/// The longest part of a compiler's message that an error repeats, in characters.
const MAX_REASON_CHARACTERS: usize = 300;

/// What is taken from the log: every match, or the match's first group if it has groups. Each line
/// is searched by itself, so `^` and `$` are its beginning and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ResultRule {
    /// A regular expression for both streams.
    Regex(String),
    /// A regular expression for these streams.
    Streams(StreamRule),
}

/// A regular expression for certain streams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamRule {
    /// The regular expression, without look-around and back-references.
    #[schemars(length(max = MAX_REGEX_BYTES))]
    pub regex: String,
    /// The streams.
    #[serde(rename = "logType")]
    #[schemars(length(min = 1, max = 2))]
    pub streams: Vec<LogStream>,
}

/// A stream that a program prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl ResultRule {
    /// The regular expression.
    pub fn regex(&self) -> &str {
        match self {
            Self::Regex(regex) => regex,
            Self::Streams(rule) => &rule.regex,
        }
    }

    /// The streams that it searches.
    pub fn streams(&self) -> &[LogStream] {
        match self {
            Self::Regex(_) => &[LogStream::Stdout, LogStream::Stderr],
            Self::Streams(rule) => &rule.streams,
        }
    }

    /// Compiles the regular expression, within a bound of memory.
    pub(super) fn compile_regex(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(self.regex()).size_limit(MAX_COMPILED_BYTES).build()
    }

    /// Whether a search takes long for each character.
    pub(super) fn is_large(&self) -> bool {
        RegexBuilder::new(self.regex()).size_limit(LARGE_COMPILED_BYTES).build().is_err()
    }

    fn validate_rule(&self, pointer: &str) -> Result<(), DefinitionError> {
        let size = self.regex().len();

        if size > MAX_REGEX_BYTES {
            return refuse_field(
                pointer,
                format!("has {size} bytes; at most {MAX_REGEX_BYTES} are allowed"),
            );
        }
        if let Err(error) = self.compile_regex() {
            let reason: String = error.to_string().chars().take(MAX_REASON_CHARACTERS).collect();

            return refuse_field(
                pointer,
                format!("is not a regular expression without look-around: {reason}"),
            );
        }
        check_count(&format!("{pointer}/logType"), "streams", self.streams().len(), 2)
    }
}

/// Checks the results of a container.
pub(super) fn check_results(
    pointer: &str,
    results: &BTreeMap<String, ResultRule>,
) -> Result<(), DefinitionError> {
    check_max_count(pointer, "results", results.len(), MAX_RESULTS)?;

    for (name, rule) in results {
        let pointer = format!("{pointer}/{}", escape_key(name));
        check_id(&pointer, name)?;
        rule.validate_rule(&pointer)?;
    }
    Ok(())
}

/// The schema of the results, by name.
pub(super) fn results_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": MAX_RESULTS,
        "patternProperties": { key_pattern(): generator.subschema_for::<ResultRule>() },
        "additionalProperties": false,
    })
}

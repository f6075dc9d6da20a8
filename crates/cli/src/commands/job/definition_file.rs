//! Definitions in files, and checks before a definition is listed.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, Result, bail, ensure};
use nosana_engine::{ModelStore, check_operation, check_tokens};
use nosana_job_spec::{Document, JobDefinition, Operation, read_definition_json};
use nosana_store::MAX_JSON_BYTES;
use serde_json::Value;

/// The most problems that one error lists.
const MAX_PROBLEMS: usize = 50;

/// Reads and validates a definition. Prints warnings of what it probably does not mean.
pub fn read_definition_file(path: &Path) -> Result<JobDefinition> {
    let bytes = read_bounded(path).with_context(|| format!("cannot read {}", path.display()))?;
    let invalid = || format!("{} is not a valid definition", path.display());

    // The schema finds every problem; the reader finds only the first, but also those that a schema
    // cannot express.
    let value = read_definition_json(&bytes).with_context(invalid)?;
    check_schema(&value).with_context(invalid)?;
    let definition = JobDefinition::from_json(&bytes).with_context(invalid)?;

    let warnings = Document::of(&value).map(|document| document.warnings(&value));
    for warning in warnings.unwrap_or_default() {
        eprintln!("warning: {warning}");
    }
    Ok(definition)
}

/// Reads a file, which may be a pipe. Counts while it reads: a device may have no end.
fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_JSON_BYTES + 1).read_to_end(&mut bytes)?;

    ensure!(
        bytes.len() as u64 <= MAX_JSON_BYTES,
        "it has more than {MAX_JSON_BYTES} bytes, and a definition has fewer; send files with \
         `inputs`"
    );
    Ok(bytes)
}

/// Fails if an operation uses a model that nodes cannot get or that does not fit the task, has a
/// text that is longer than its model reads, or requests answers of an invalid form. Tokens are
/// counted if this machine has the model.
pub fn check_models(definition: &JobDefinition) -> Result<()> {
    let models = ModelStore::in_user_cache().ok();
    let count_tokens = |operation: &Operation| match &models {
        Some(models) => check_tokens(operation, models),
        None => Ok(()),
    };

    for operation in &definition.ops {
        check_operation(operation)
            .and_then(|()| count_tokens(operation))
            .with_context(|| format!("operation `{}` cannot run", operation.id()))?;
    }
    Ok(())
}

/// Fails with every problem that the definition's schema finds, each with its field. Unknown
/// versions are left to the reader.
fn check_schema(value: &Value) -> Result<()> {
    let Some(document) = Document::of(value) else { return Ok(()) };
    let problems = document.problems(value);
    if problems.is_empty() {
        return Ok(());
    }

    let listed: Vec<String> =
        problems.iter().take(MAX_PROBLEMS).map(|problem| format!("\n  {problem}")).collect();
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    let rest = if more == 0 { String::new() } else { format!("\n  and {more} more") };
    bail!("{} problem(s):{}{rest}", problems.len(), listed.concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_without_an_end_is_refused() {
        let error = format!("{:#}", read_definition_file(Path::new("/dev/zero")).unwrap_err());
        assert!(error.contains("/dev/zero: it has more than 16777216 bytes"), "{error}");
        let error = format!("{:#}", read_definition_file(Path::new("/dev/null")).unwrap_err());
        assert!(error.contains("is not a valid definition"), "{error}");
    }

    #[test]
    fn all_problems_are_listed_and_unknown_versions_are_left_to_the_reader() {
        let operation = json!({ "id": "a b", "type": "command/run", "args": {} });
        let broken = json!({ "version": "nosana/1", "ops": [operation] });
        let error = check_schema(&broken).unwrap_err().to_string();
        assert!(
            error.contains("/ops/0/id: ") && error.contains("/ops/0/args/steps: is missing"),
            "{error}"
        );
        assert!(check_schema(&json!({})).is_ok());
    }

    #[test]
    fn another_encoding_is_named_and_a_byte_order_mark_is_skipped() {
        let args = json!({ "steps": [{ "name": "one", "run": "true" }] });
        let operation = json!({ "id": "gpt-oss:20b", "type": "command/run", "args": args });
        let text = json!({ "version": "nosana/1", "ops": [operation] }).to_string();
        let marked = format!("\u{feff}{text}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("job.json");

        std::fs::write(&path, &marked).unwrap();
        assert_eq!(read_definition_file(&path).unwrap().ops.len(), 1);
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(&path, wide).unwrap();
        let error = format!("{:#}", read_definition_file(&path).unwrap_err());
        assert!(error.contains("job.json is not a valid definition"), "{error}");
        assert!(error.contains("UTF-16") && error.contains("save the file as UTF-8"), "{error}");
    }
}

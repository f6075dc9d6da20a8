//! Which content a job names.

use nosana_job_spec::{CommandOutput, ContentId, JobDefinition, JobResult};
use nosana_store::{Store, StoreError};

/// The content that the node of a job needs: the definition, then its inputs.
///
/// # Errors
/// If the definition is not in the store, or is not valid.
pub fn list_input_content(
    store: &Store,
    definition: &ContentId,
) -> Result<Vec<ContentId>, StoreError> {
    let parsed: JobDefinition = store.get_definition(definition)?;
    let inputs = parsed.ops.iter().flat_map(|operation| operation.input_contents());

    Ok(std::iter::once(*definition).chain(inputs).collect())
}

/// The content that the client of a job reads: the result, then its outputs, then what these name.
///
/// # Errors
/// If the result or an output is not in the store.
pub fn list_result_content(
    store: &Store,
    result: &ContentId,
) -> Result<Vec<ContentId>, StoreError> {
    let parsed: JobResult = store.get_json(result)?;
    let mut contents = vec![*result];
    let outputs: Vec<ContentId> = parsed.ops.iter().filter_map(|op| op.output).collect();
    contents.extend(&outputs);

    for output in &outputs {
        contents.extend(list_named(store, output)?);
    }
    Ok(contents)
}

/// Like [`list_result_content`], with what is in the store: a holder gets the parts one by one.
pub fn list_result_parts(store: &Store, result: &ContentId) -> Vec<ContentId> {
    let Ok(parsed) = store.get_json::<JobResult>(result) else { return vec![*result] };
    let outputs = parsed.ops.iter().filter_map(|op| op.output);

    let named = outputs.clone().filter_map(|output| list_named(store, &output).ok()).flatten();
    std::iter::once(*result).chain(outputs).chain(named).collect()
}

/// What an output names. Only outputs of commands and containers name content; another output
/// does not parse as one of them.
fn list_named(store: &Store, output: &ContentId) -> Result<Vec<ContentId>, StoreError> {
    match store.get_json::<CommandOutput>(output) {
        Ok(output) => Ok(output.contents()),
        Err(StoreError::Json { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

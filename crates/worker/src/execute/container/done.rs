//! What others learn of an operation that has ended.

use std::collections::BTreeMap;

use nosana_job_spec::OperationResult;

/// An operation that has ended.
pub(super) struct Done {
    pub result: OperationResult,
    pub succeeded: bool,
    /// What its results matched, by name.
    pub values: BTreeMap<String, Vec<String>>,
}

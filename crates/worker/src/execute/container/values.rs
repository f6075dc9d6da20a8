//! Values of other operations, for those that name them.

use std::collections::BTreeMap;

use nosana_container::ContainerJob;
use nosana_job_spec::{ContainerArgs, Reference};

use super::{done::Done, operation::ContainerOperation};

/// Returns the arguments of an operation with the values that it names, or why one is missing.
pub(super) fn fill_args(
    operation: &ContainerOperation<'_>,
    operations: &[ContainerOperation<'_>],
    done: &BTreeMap<usize, Done>,
) -> Result<ContainerArgs, String> {
    operation.args.fill_references(&|reference| match reference {
        Reference::Host { .. } => Ok(vec![ContainerJob::SHARED_HOST.to_owned()]),
        Reference::Result { operation, key } => {
            let mut ended = done.iter().filter(|(index, _)| operations[**index].id == *operation);
            let values = ended.next().and_then(|(_, done)| done.values.get(*key));

            match values {
                Some(values) if !values.is_empty() => Ok(values.clone()),
                Some(_) | None => {
                    Err(format!("the result `{key}` of `{operation}` matches nothing in its log"))
                }
            }
        }
    })
}

/// Whether an operation names the host of another one.
pub(super) fn uses_hosts(operation: &ContainerOperation<'_>) -> bool {
    let mut references = operation.args.references().into_iter();
    references.any(|reference| matches!(reference, Reference::Host { .. }))
}

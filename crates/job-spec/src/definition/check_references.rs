//! Checks of the values of other operations that containers name.

use super::{
    container_texts::list_references,
    error::{DefinitionError, refuse_field, shorten},
    operation::Operation,
    references::{OPERATION_ROOT, Reference, TextPart, split_placeholders},
    stages::plan_stages,
};

/// Checks that every value exists by the time when its container starts, as far as the order of the
/// operations decides that; [`check_stages`](super::stages::check_stages) checks the rest.
pub(super) fn check_references(operations: &[Operation]) -> Result<(), DefinitionError> {
    for (index, operation) in operations.iter().enumerate() {
        let Some(args) = operation.container_args() else { continue };

        for (pointer, text) in args.texts(&format!("/ops/{index}/args")) {
            check_form(&pointer, text)?;
            for reference in list_references(text) {
                check_reference(&pointer, &reference, index, operations)?;
            }
        }
    }
    Ok(())
}

/// Refuses placeholders of operations that have no value.
fn check_form(pointer: &str, text: &str) -> Result<(), DefinitionError> {
    for part in split_placeholders(text) {
        if let TextPart::Placeholder(name) = part
            && name.starts_with(OPERATION_ROOT)
            && Reference::parse(name).is_none()
        {
            return refuse_field(pointer, describe_unknown(name));
        }
    }
    Ok(())
}

/// Explains that nodes have no value for a placeholder.
pub(super) fn describe_unknown(name: &str) -> String {
    format!(
        "has the placeholder `%%{}%%`, for which nodes have no value; they fill in \
         `%%global.variables.NAME%%`, `%%ops.ID.results.KEY%%` and `%%ops.ID.host%%`",
        shorten(name)
    )
}

fn check_reference(
    pointer: &str,
    reference: &Reference<'_>,
    index: usize,
    operations: &[Operation],
) -> Result<(), DefinitionError> {
    let name = shorten(reference.operation());
    let found = operations.iter().position(|operation| operation.id() == reference.operation());
    let refuse = |problem: String| {
        refuse_field(pointer, format!("`{}`: {problem}", shorten(&reference.to_string())))
    };

    let Some(position) = found else {
        return refuse(format!("no operation is named `{name}`"));
    };

    match reference {
        Reference::Result { .. } if position == index => {
            refuse("it is a result of the operation itself".to_owned())
        }
        Reference::Result { key, .. } if !operations[position].has_result(key) => refuse(format!(
            "`{name}` has no result `{}`; add a regular expression for it to its `results`",
            shorten(key)
        )),
        Reference::Host { .. } if !are_together(index, position, operations) => refuse(format!(
            "`{name}` does not run at the same time; give both operations one `execution.group`"
        )),
        Reference::Result { .. } | Reference::Host { .. } => Ok(()),
    }
}

/// Whether two operations are in one group.
fn are_together(one: usize, other: usize, operations: &[Operation]) -> bool {
    plan_stages(operations).iter().any(|stage| stage.contains(&one) && stage.contains(&other))
}

//! The order of containers: groups one after the other, and within a group the operations that
//! depend on nothing first.

use std::collections::HashSet;

use super::{
    container_texts::list_references,
    error::{DefinitionError, refuse_field, shorten},
    id::check_id,
    operation::Operation,
};

/// The operations of each group, by position, in the order in which the groups run. An operation
/// that names no group has a group of its own.
pub fn plan_stages(operations: &[Operation]) -> Vec<Vec<usize>> {
    let mut stages: Vec<(Option<&str>, Vec<usize>)> = Vec::new();

    for (index, operation) in operations.iter().enumerate() {
        let group = operation.execution().and_then(|execution| execution.group.as_deref());

        match stages.iter_mut().find(|(name, _)| group.is_some() && *name == group) {
            Some((_, members)) => members.push(index),
            None => stages.push((group, vec![index])),
        }
    }
    stages.into_iter().map(|(_, members)| members).collect()
}

/// Checks that containers are not combined with other operations, and that every dependency can be
/// met.
pub(super) fn check_stages(operations: &[Operation]) -> Result<(), DefinitionError> {
    let containers = operations.iter().filter(|operation| operation.execution().is_some()).count();

    if containers == 0 {
        return Ok(());
    }
    if let Some(other) = operations.iter().position(|operation| operation.execution().is_none()) {
        return refuse_field(
            format!("/ops/{other}/type"),
            "cannot be combined with `container/run` in one job; list two jobs",
        );
    }

    let mut completed: HashSet<&str> = HashSet::new();

    for stage in plan_stages(operations) {
        for &index in &stage {
            check_names(index, operations)?;
        }
        check_dependencies(&stage, operations, &mut completed)?;
    }
    Ok(())
}

/// Checks that the names which an operation's `execution` gives are valid, and those of its
/// dependencies exist.
fn check_names(index: usize, operations: &[Operation]) -> Result<(), DefinitionError> {
    let Some(execution) = operations[index].execution() else { return Ok(()) };
    let pointer = format!("/ops/{index}/execution");

    if let Some(group) = &execution.group {
        check_id(&format!("{pointer}/group"), group)?;
    }

    for (position, name) in execution.depends_on.iter().enumerate() {
        if !operations.iter().any(|operation| operation.id() == name) {
            return refuse_field(
                format!("{pointer}/depends_on/{position}"),
                format!("no operation is named `{}`", shorten(name)),
            );
        }
    }
    Ok(())
}

/// Checks that the dependencies of a stage can be met after the `completed` operations, and adds
/// the stage to these.
fn check_dependencies<'a>(
    stage: &[usize],
    operations: &'a [Operation],
    completed: &mut HashSet<&'a str>,
) -> Result<(), DefinitionError> {
    let mut waiting = stage.to_vec();

    // Each round completes at least one operation, unless the rest wait for themselves or for a
    // later group.
    for _ in stage {
        waiting.retain(|&index| {
            let operation = &operations[index];
            let dependencies = operation.dependencies();
            let can_run = dependencies.iter().all(|other| completed.contains(other.operation));

            if can_run {
                completed.insert(operation.id());
            }
            !can_run
        });
    }

    match waiting.first() {
        Some(index) => refuse_dependency(*index, &operations[*index], completed),
        None => Ok(()),
    }
}

/// Refuses the first dependency of an operation that cannot be met, where the definition states it.
fn refuse_dependency(
    index: usize,
    operation: &Operation,
    completed: &HashSet<&str>,
) -> Result<(), DefinitionError> {
    let dependencies = operation.dependencies();
    let mut open = dependencies.iter().map(|other| other.operation);
    let open = open.find(|name| !completed.contains(name)).unwrap_or_default();
    let is_named = operation
        .execution()
        .is_some_and(|execution| execution.depends_on.iter().any(|name| name == open));

    if is_named {
        return refuse_field(
            format!("/ops/{index}/execution/depends_on"),
            "cannot be met: it waits for itself or for a later group",
        );
    }
    let texts = operation.container_args().map(|args| args.texts(&format!("/ops/{index}/args")));
    let found = texts.into_iter().flatten().find_map(|(pointer, text)| {
        let mut references = list_references(text).into_iter();
        references.find(|it| it.operation() == open).map(|it| (pointer, it.to_string()))
    });
    let (pointer, reference) = found.unwrap_or_default();
    refuse_field(
        pointer,
        format!(
            "`{}`: `{}` waits for this operation in turn, or runs in a later group",
            shorten(&reference),
            shorten(open)
        ),
    )
}

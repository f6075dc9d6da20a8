//! The order of containers: groups one after the other, and within a group the operations that
//! depend on nothing first.

use std::collections::HashSet;

use super::{
    container_texts::list_references,
    dependency::{Dependency, DependencyEvent},
    error::{DefinitionError, refuse_field, shorten},
    id::check_id,
    operation::Operation,
};

/// How far the operations of a job can be, by name.
#[derive(Default)]
struct Progress<'a> {
    begun: HashSet<&'a str>,
    ended: HashSet<&'a str>,
}

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

    let mut progress = Progress::default();

    for stage in plan_stages(operations) {
        for &index in &stage {
            check_names(index, operations)?;
            check_served(index, &stage, operations)?;
        }
        check_dependencies(&stage, operations, &mut progress)?;
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

/// Checks that an operation which is stopped with others serves operations of its group.
fn check_served(
    index: usize,
    stage: &[usize],
    operations: &[Operation],
) -> Result<(), DefinitionError> {
    let Some(execution) = operations[index].execution() else { return Ok(()) };
    let pointer = format!("/ops/{index}/execution");

    if execution.stop_if_dependent_stops && execution.depends_on.is_empty() {
        return refuse_field(
            format!("{pointer}/stop_if_dependent_stops"),
            "is for an operation that serves others; name these in `depends_on`, or remove it",
        );
    }
    for (position, name) in execution.served_operations().iter().enumerate() {
        if !stage.iter().any(|other| operations[*other].id() == name) {
            return refuse_field(
                format!("{pointer}/depends_on/{position}"),
                format!(
                    "`{}` does not run at the same time; give both operations one \
                     `execution.group`",
                    shorten(name)
                ),
            );
        }
    }
    Ok(())
}

/// Checks that the operations of a stage can begin and end after the `progress` of earlier ones,
/// and adds them to it.
fn check_dependencies<'a>(
    stage: &[usize],
    operations: &'a [Operation],
    progress: &mut Progress<'a>,
) -> Result<(), DefinitionError> {
    // Each round lets at least one operation begin or end, unless the rest wait for themselves or
    // for a later group.
    for _ in 0..2 * stage.len() {
        for &index in stage {
            progress.advance(&operations[index], operations);
        }
    }

    // One that cannot end serves one that cannot begin.
    match stage.iter().find(|index| !progress.begun.contains(operations[**index].id())) {
        Some(index) => refuse_dependency(*index, operations, progress),
        None => Ok(()),
    }
}

impl<'a> Progress<'a> {
    /// Lets an operation begin if its dependencies are met, and end if those that it serves have.
    fn advance(&mut self, operation: &'a Operation, operations: &'a [Operation]) {
        if operation.dependencies(operations).iter().all(|other| self.meets(other)) {
            self.begun.insert(operation.id());
        }

        let mut served = operation.served_operations().iter();
        if self.begun.contains(operation.id())
            && served.all(|name| self.ended.contains(name.as_str()))
        {
            self.ended.insert(operation.id());
        }
    }

    /// Whether another operation is as far as a dependency needs it.
    fn meets(&self, dependency: &Dependency<'_>) -> bool {
        match dependency.until {
            DependencyEvent::Success => self.ended.contains(dependency.operation),
            DependencyEvent::Ready => self.begun.contains(dependency.operation),
        }
    }
}

/// Refuses the first dependency of an operation that cannot be met, where the definition states it.
fn refuse_dependency(
    index: usize,
    operations: &[Operation],
    progress: &Progress<'_>,
) -> Result<(), DefinitionError> {
    let operation = &operations[index];
    let dependencies = operation.dependencies(operations);
    let mut open = dependencies.iter().filter(|other| !progress.meets(other));
    let open = open.next().map(|other| other.operation).unwrap_or_default();
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
    if let Some((pointer, reference)) = found {
        return refuse_field(
            pointer,
            format!(
                "`{}`: `{}` waits for this operation in turn, or runs in a later group",
                shorten(&reference),
                shorten(open)
            ),
        );
    }

    let server = operations.iter().position(|other| other.id() == open).unwrap_or_default();
    refuse_field(
        format!("/ops/{server}/execution/depends_on"),
        format!(
            "cannot be met: it serves `{}`, which begins after it, and waits for that in turn",
            shorten(operation.id())
        ),
    )
}

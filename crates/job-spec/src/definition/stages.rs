//! The order of containers: groups one after the other, and within a group what depends on nothing
//! first.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DefinitionError, Operation, check_id, invalid};

/// When a container runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// The group, by default one of its own. Groups run in the order of their first operations; the
    /// operations of a group run at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Operations of the same or an earlier group that must succeed before this one begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::ids")]
    pub depends_on: Vec<String>,
}

impl Execution {
    /// Whether nothing is given.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Groups of operations, by position, in the order in which they run. An operation that names no
/// group has its own.
pub fn stages(operations: &[Operation]) -> Vec<Vec<usize>> {
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

/// Checks that containers are not mixed with other operations, and that every dependency can be
/// met.
pub(super) fn check(operations: &[Operation]) -> Result<(), DefinitionError> {
    let containers = operations.iter().filter(|operation| operation.execution().is_some()).count();
    if containers == 0 {
        return Ok(());
    }
    if let Some(other) = operations.iter().position(|operation| operation.execution().is_none()) {
        let problem =
            "stands beside `container/run`, which is for jobs of containers alone: list two jobs";
        return invalid(format!("/ops/{other}/type"), problem.into());
    }
    let mut met: HashSet<&str> = HashSet::new();
    for stage in stages(operations) {
        let mut rest: Vec<usize> = stage.clone();
        for &index in &stage {
            check_names(index, operations)?;
        }
        // Whatever is left after as many rounds as there are operations waits for itself or for a
        // later group.
        for _ in &stage {
            rest.retain(|&index| {
                let wants = operations[index]
                    .execution()
                    .map_or(&[][..], |execution| &execution.depends_on);
                let can_run = wants.iter().all(|name| met.contains(name.as_str()));
                if can_run {
                    met.insert(operations[index].id());
                }
                !can_run
            });
        }
        if let Some(index) = rest.first() {
            let problem = "cannot be met: it waits for itself or for a later group";
            return invalid(format!("/ops/{index}/execution/depends_on"), problem.into());
        }
    }
    Ok(())
}

fn check_names(index: usize, operations: &[Operation]) -> Result<(), DefinitionError> {
    let Some(execution) = operations[index].execution() else { return Ok(()) };
    let pointer = format!("/ops/{index}/execution");
    if let Some(group) = &execution.group {
        check_id(&format!("{pointer}/group"), group)?;
    }
    for (at, name) in execution.depends_on.iter().enumerate() {
        if !operations.iter().any(|operation| operation.id() == name) {
            let name: String = name.chars().take(100).collect();
            return invalid(
                format!("{pointer}/depends_on/{at}"),
                format!("no operation is named `{name}`"),
            );
        }
    }
    Ok(())
}

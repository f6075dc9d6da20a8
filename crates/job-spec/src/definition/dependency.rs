//! What an operation waits for.

use super::{operation::Operation, references::Reference};

/// Another operation, and how far it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency<'a> {
    /// The other operation's name.
    pub operation: &'a str,
    /// Until when to wait.
    pub until: DependencyEvent,
}

/// The event that an operation waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyEvent {
    /// The other operation has succeeded.
    Success,
    /// The other operation runs, and the ports that it exposes are ready.
    Ready,
}

impl Operation {
    /// What the operation waits for: what `depends_on` names, and the results that it uses. Of an
    /// operation whose host it uses as well it needs the ports, and not the end, which a server
    /// does not have.
    pub fn dependencies(&self) -> Vec<Dependency<'_>> {
        let Some(execution) = self.execution() else { return Vec::new() };
        let references = self.container_args().map(|args| args.references()).unwrap_or_default();
        let uses_host = |name: &str| references.contains(&Reference::Host { operation: name });
        let uses_result = |name: &str| {
            let mut results = references.iter();
            results
                .any(|it| matches!(it, Reference::Result { operation, .. } if *operation == name))
        };

        let named = execution.depends_on.iter().map(String::as_str);
        let used = references.iter().filter_map(|reference| match reference {
            Reference::Result { operation, .. } => Some(*operation),
            Reference::Host { .. } => None,
        });
        let mut dependencies: Vec<Dependency<'_>> = Vec::new();
        for operation in named.chain(used) {
            if dependencies.iter().all(|earlier| earlier.operation != operation) {
                let is_server = uses_host(operation) && !uses_result(operation);
                let until =
                    if is_server { DependencyEvent::Ready } else { DependencyEvent::Success };
                dependencies.push(Dependency { operation, until });
            }
        }
        dependencies
    }
}

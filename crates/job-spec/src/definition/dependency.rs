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
    /// What the operation waits for, among the `operations` of its job: what `depends_on` names,
    /// the results that it uses, and those that serve it. Of an operation that serves it, or whose
    /// host it uses as well, it needs the ports, and not the end, which a server does not have.
    pub fn dependencies<'a>(&'a self, operations: &'a [Self]) -> Vec<Dependency<'a>> {
        let Some(execution) = self.execution() else { return Vec::new() };
        let references = self.container_args().map(|args| args.references()).unwrap_or_default();
        let uses_host = |name: &str| references.contains(&Reference::Host { operation: name });
        let uses_result = |name: &str| {
            let mut results = references.iter();
            results
                .any(|it| matches!(it, Reference::Result { operation, .. } if *operation == name))
        };

        let servers = operations.iter().filter(|it| it.serves(self.id())).map(Self::id);
        let servers: Vec<&str> = servers.collect();
        let named = execution.awaited_operations().iter().map(String::as_str);
        let used = references.iter().filter_map(|reference| match reference {
            Reference::Result { operation, .. } => Some(*operation),
            Reference::Host { .. } => None,
        });
        let mut dependencies: Vec<Dependency<'_>> = Vec::new();
        for operation in named.chain(used).chain(servers.iter().copied()) {
            if dependencies.iter().all(|earlier| earlier.operation != operation) {
                let is_server = uses_host(operation) || servers.contains(&operation);
                let is_server = is_server && !uses_result(operation);
                let until =
                    if is_server { DependencyEvent::Ready } else { DependencyEvent::Success };
                dependencies.push(Dependency { operation, until });
            }
        }
        dependencies
    }

    /// Whether it serves the operation with this name.
    fn serves(&self, name: &str) -> bool {
        self.served_operations().iter().any(|served| served == name)
    }
}

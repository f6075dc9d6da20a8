//! Whether an operation may begin.

use std::collections::{BTreeMap, BTreeSet};

use nosana_job_spec::{Dependency, DependencyEvent};

use super::{done::Done, operation::ContainerOperation};
use crate::live_jobs::LiveRun;

/// What to do with an operation now.
pub(super) enum Readiness {
    /// All its dependencies are met.
    Ready,
    /// One of them is not met yet.
    Waiting,
    /// One of them has failed, or nothing is left to do for it.
    Blocked,
}

/// The operations of a job, and how far they are.
pub(super) struct Progress<'a> {
    pub operations: &'a [ContainerOperation<'a>],
    pub done: &'a BTreeMap<usize, Done>,
    pub running: &'a BTreeSet<usize>,
    pub run: &'a LiveRun,
}

impl Progress<'_> {
    /// Returns what to do with an operation that has not begun.
    pub fn find_readiness(&self, operation: &ContainerOperation<'_>) -> Readiness {
        if self.has_served(operation) {
            return Readiness::Blocked;
        }
        let mut found = Readiness::Ready;

        for dependency in &operation.dependencies {
            match self.check_dependency(dependency) {
                Readiness::Ready => {}
                Readiness::Waiting => found = Readiness::Waiting,
                Readiness::Blocked => return Readiness::Blocked,
            }
        }
        found
    }

    /// Whether an operation serves others, and all of them have ended.
    pub fn has_served(&self, operation: &ContainerOperation<'_>) -> bool {
        let has_ended = |name: &String| {
            let mut ended = self.done.keys().map(|index| self.operations[*index].id);
            ended.any(|id| id == name)
        };
        !operation.served.is_empty() && operation.served.iter().all(has_ended)
    }

    fn check_dependency(&self, dependency: &Dependency<'_>) -> Readiness {
        let named = self.operations.iter().position(|it| it.id == dependency.operation);
        let Some(index) = named else { return Readiness::Blocked };

        match (self.done.get(&index), dependency.until) {
            (Some(done), _) if done.succeeded => Readiness::Ready,
            (Some(_), _) => Readiness::Blocked,
            (None, DependencyEvent::Ready) if self.is_serving(index) => Readiness::Ready,
            (None, DependencyEvent::Success | DependencyEvent::Ready) => Readiness::Waiting,
        }
    }

    /// Whether an operation runs, and the ports that it exposes are ready.
    fn is_serving(&self, index: usize) -> bool {
        self.running.contains(&index) && self.run.are_ready(&self.operations[index].args.expose)
    }
}

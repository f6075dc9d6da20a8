//! Runs the operations of one group at once, each after its dependencies.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Sender, channel},
    thread::{self, Scope},
};

use anyhow::{Result, anyhow};
use nosana_job_spec::{CommandOutput, OperationResult};

use super::operation::ContainerOperation;
use crate::{clock::unix_ms, execute::context::JobContext};

/// An operation that has ended.
pub(super) struct Done {
    pub result: OperationResult,
    pub succeeded: bool,
}

/// What to do with an operation now.
enum Readiness {
    /// All its dependencies have succeeded.
    Ready,
    /// One of them has not ended.
    Waiting,
    /// One of them has failed.
    Blocked,
}

type RunContainer<'a> = dyn Fn(&ContainerOperation<'_>) -> Result<CommandOutput> + Sync + 'a;

/// Runs the operations of one group, each as soon as its dependencies have succeeded. If the job
/// does not go on, skips all of them.
pub(super) fn run_group(
    operations: &[ContainerOperation<'_>],
    group: &[usize],
    goes_on: bool,
    done: &mut BTreeMap<usize, Done>,
    run: &RunContainer<'_>,
    context: JobContext<'_>,
) {
    let mut waiting = group.to_vec();
    let (sender, receiver) = channel();

    thread::scope(|scope| {
        let mut running = 0_usize;
        loop {
            for index in std::mem::take(&mut waiting) {
                let operation = &operations[index];
                match find_readiness(operation, operations, done) {
                    Readiness::Waiting if goes_on => waiting.push(index),
                    Readiness::Ready if goes_on => {
                        running += 1;
                        spawn_operation(scope, index, operation, run, context, sender.clone());
                    }
                    _ => {
                        let skipped = Ok(operation.skipped_output());
                        done.insert(
                            index,
                            finish_operation(operation, unix_ms(), skipped, context),
                        );
                    }
                }
            }

            if running == 0 {
                break;
            }
            let Ok((index, ended)) = receiver.recv() else { break };
            running -= 1;
            done.insert(index, ended);
        }
    });

    // A definition that was validated leaves none.
    for index in waiting {
        let error = Err(anyhow!("its dependencies cannot be met"));
        done.insert(index, finish_operation(&operations[index], unix_ms(), error, context));
    }
}

fn find_readiness(
    operation: &ContainerOperation<'_>,
    operations: &[ContainerOperation<'_>],
    done: &BTreeMap<usize, Done>,
) -> Readiness {
    let find_done = |name: &String| {
        done.iter().find(|(index, _)| operations[**index].id == name).map(|(_, done)| done)
    };
    let dependencies: Vec<Option<&Done>> = operation.depends_on.iter().map(find_done).collect();

    if dependencies.iter().flatten().any(|done| !done.succeeded) {
        Readiness::Blocked
    } else if dependencies.iter().all(Option::is_some) {
        Readiness::Ready
    } else {
        Readiness::Waiting
    }
}

fn spawn_operation<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    index: usize,
    operation: &'scope ContainerOperation<'scope>,
    run: &'scope RunContainer<'scope>,
    context: JobContext<'scope>,
    sender: Sender<(usize, Done)>,
) {
    scope.spawn(move || {
        let started = unix_ms();
        let ended = finish_operation(operation, started, run(operation), context);
        // The receiver lives as long as the scope.
        let _ = sender.send((index, ended));
    });
}

/// Stores the output of an operation, and returns its result.
fn finish_operation(
    operation: &ContainerOperation<'_>,
    started: u64,
    output: Result<CommandOutput>,
    context: JobContext<'_>,
) -> Done {
    let stored = output.and_then(|output| Ok((context.put_json(&output)?, output.succeeded())));
    let ended = unix_ms().max(started);

    match stored {
        Ok((output, succeeded)) => {
            let result = OperationResult::ok(operation.id, started, ended, output);
            Done { result, succeeded }
        }
        Err(error) => {
            let error = format!("{error:#}");
            let result = OperationResult::failed(operation.id, started, ended, error);
            Done { result, succeeded: false }
        }
    }
}

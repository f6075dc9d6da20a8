//! Runs the operations of one group at once, each after its dependencies.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, Scope},
    time::Duration,
};

use anyhow::{Result, anyhow};
use nosana_job_spec::{CommandOutput, ContainerArgs};
use nosana_sandbox::CancelToken;

use super::{
    done::Done,
    operation::ContainerOperation,
    readiness::{Progress, Readiness},
    values::fill_args,
};
use crate::{clock::unix_ms, execute::context::JobContext};

/// How often operations that wait for the ports of others look at them.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Runs a container with these arguments, or reports why they are not complete, until its own
/// context ends it.
type RunContainer<'a> =
    dyn Fn(&ContainerOperation<'_>, FilledArgs, JobContext<'_>) -> RunResult + Sync + 'a;
type RunResult = Result<CommandOutput>;
/// Arguments with the values of other operations, or why one is missing.
pub(super) type FilledArgs = Result<ContainerArgs, String>;

/// Runs the operations of one group, each as soon as its dependencies are met, and stops those
/// whose served operations have all ended. If the job does not go on, skips all of them.
pub(super) fn run_group(
    operations: &[ContainerOperation<'_>],
    group: &[usize],
    goes_on: bool,
    done: &mut BTreeMap<usize, Done>,
    run: &RunContainer<'_>,
    context: JobContext<'_>,
) {
    let mut waiting = group.to_vec();
    let stops: BTreeMap<usize, CancelToken> =
        group.iter().map(|index| (*index, context.cancel.child_token())).collect();
    let (sender, receiver) = channel();

    thread::scope(|scope| {
        let mut running = BTreeSet::new();
        loop {
            let goes_on = goes_on && !context.cancel.is_ending();
            for index in std::mem::take(&mut waiting) {
                let operation = &operations[index];
                let progress = Progress { operations, done, running: &running, run: context.run };

                match progress.find_readiness(operation) {
                    Readiness::Waiting if goes_on => waiting.push(index),
                    Readiness::Ready if goes_on => {
                        running.insert(index);
                        let args = fill_args(operation, operations, done);
                        let own = JobContext { cancel: &stops[&index], ..context };
                        let run = move || run(operation, args, own);
                        spawn_operation(scope, index, operation, run, own, sender.clone());
                    }
                    Readiness::Waiting | Readiness::Ready | Readiness::Blocked => {
                        let skipped = Ok(operation.skipped_output());
                        done.insert(
                            index,
                            finish_operation(operation, unix_ms(), skipped, context),
                        );
                    }
                }
            }

            let progress = Progress { operations, done, running: &running, run: context.run };
            for index in running.iter().filter(|index| progress.has_served(&operations[**index])) {
                stop_operation(&operations[*index], &stops[index], context);
            }

            if running.is_empty() {
                break;
            }
            match receiver.recv_timeout(POLL_INTERVAL) {
                Ok((index, ended)) => {
                    running.remove(&index);
                    done.insert(index, ended);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });

    // A definition that was validated leaves none.
    for index in waiting {
        let error = Err(anyhow!("its dependencies cannot be met"));
        done.insert(index, finish_operation(&operations[index], unix_ms(), error, context));
    }
}

/// Stops an operation whose served operations have ended, once.
fn stop_operation(operation: &ContainerOperation<'_>, stop: &CancelToken, context: JobContext<'_>) {
    if !stop.is_ending() {
        context.run.report_note(format_args!(
            "stopping {}: the operations that it serves have ended",
            operation.id
        ));
        stop.request_stop();
    }
}

fn spawn_operation<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    index: usize,
    operation: &'scope ContainerOperation<'scope>,
    run: impl FnOnce() -> RunResult + Send + 'scope,
    context: JobContext<'scope>,
    sender: Sender<(usize, Done)>,
) {
    scope.spawn(move || {
        let started = unix_ms();
        let ended = finish_operation(operation, started, run(), context);
        // The receiver lives as long as the scope.
        let _ = sender.send((index, ended));
    });
}

/// Stores the output of an operation, and returns its result.
fn finish_operation(
    operation: &ContainerOperation<'_>,
    started: u64,
    output: RunResult,
    context: JobContext<'_>,
) -> Done {
    let stored = output.and_then(|output| Ok((context.put_json(&output)?, output)));

    match stored {
        Ok((content, output)) => {
            let result = context.conclude_operation(operation.id, started, Ok(content));
            Done { result, succeeded: output.succeeded(), values: output.results }
        }
        Err(error) => {
            let result = context.conclude_operation(operation.id, started, Err(error));
            Done { result, succeeded: false, values: BTreeMap::new() }
        }
    }
}

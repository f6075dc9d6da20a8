//! Runs a container, and again after it has ended.

use std::{
    cell::{Cell, RefCell},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Error, Result};
use nosana_container::{ContainerError, ContainerOutcome, EndedContainer};
use nosana_job_spec::RestartPolicy;
use nosana_sandbox::{CancelToken, Limits};

use super::restarts::Restarts;
use crate::execute::context::JobContext;

/// How often a pause checks whether the work ends.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Why the output of a run is not kept although it is that of the last one with an outcome: the
/// next one began, and this node lost it.
const NOT_KEPT: &str = "the container was removed when it ran again, and this node lost that run";

/// Runs a container once, and calls the given function right before it starts.
type RunOnce<'run, 'a> = dyn Fn(Limits, &dyn Fn()) -> Result<EndedContainer<'a>> + 'run;

/// Runs a container with `run`, and again as its policy says. All runs together have the time of
/// one, and the outcome is that of the last one, whose output alone is packed. Until the next run
/// starts, that is the one before, whose container is kept so long.
///
/// # Errors
/// If the first run fails, or a later one of a batch job. In a service, what keeps a later run from
/// its beginning may pass, while the other operations go on.
pub(super) fn run_with_restarts<'a>(
    id: &str,
    policy: RestartPolicy,
    mut limits: Limits,
    run: &RunOnce<'_, 'a>,
    context: JobContext<'_>,
) -> Result<ContainerOutcome> {
    let mut restarts = Restarts::new(policy, limits.time);
    let earlier: RefCell<Option<EndedContainer<'a>>> = RefCell::default();

    loop {
        let has_started = Cell::new(false);
        let before_start = || {
            has_started.set(true);
            let removed = earlier.take().map(|ended| ended.discard_output(NOT_KEPT).into());
            *earlier.borrow_mut() = removed;
        };
        let ran = run(limits, &before_start);

        let (ended, pause) = match (ran, earlier.take()) {
            // It was stopped before it began again.
            (Ok(ended), Some(last)) if ended.outcome().stopped && !has_started.get() => {
                return Ok(last.pack_output());
            }
            (Err(error), Some(last)) if was_stopped(&error, context) => {
                return Ok(last.pack_output());
            }
            (Ok(ended), _) => {
                let pause = restarts.next_pause(ended.outcome(), context.cancel);
                (ended, pause)
            }
            (Err(error), Some(last)) if context.is_service() && !context.cancel.is_ending() => {
                // The log is for everyone, and the error may name folders of this machine.
                tracing::warn!(operation = id, "a container does not begin again: {error:#}");
                context.run.report_note(format_args!("this node could not start {id} again"));
                (last, restarts.pause_after_fault())
            }
            (Err(error), _) => return Err(error),
        };
        let Some(pause) = pause else { return Ok(ended.pack_output()) };

        context.run.report_note(format_args!(
            "{id} begins again in {} s, as its restart policy says",
            pause.as_secs()
        ));
        if !wait_unless_ending(pause, context.cancel) {
            return Ok(ended.pack_output());
        }
        context.run.add_restart();
        limits.time = restarts.time_left();
        *earlier.borrow_mut() = Some(ended);
    }
}

/// Whether a container did not begin because the work stops, and its results are kept.
pub(super) fn was_stopped(error: &Error, context: JobContext<'_>) -> bool {
    let is_stop = matches!(error.downcast_ref(), Some(ContainerError::Cancelled));
    is_stop && context.cancel.is_ending() && !context.cancel.is_cancelled()
}

/// Waits. Returns false if the work ends before.
fn wait_unless_ending(pause: Duration, cancel: &CancelToken) -> bool {
    let until = Instant::now() + pause;

    while Instant::now() < until {
        if cancel.is_ending() {
            return false;
        }
        sleep(POLL_INTERVAL);
    }
    !cancel.is_ending()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use nosana_job_spec::{JobDefinition, RestartTrigger};
    use nosana_store::Store;

    use super::*;
    use crate::{execute::container::restarts::tests::outcome, live_jobs::LiveRun};

    /// Runs a container with `run` until it succeeds.
    fn run_scripted<'a>(
        run: &RunOnce<'_, 'a>,
        live: &LiveRun,
        cancel: &CancelToken,
    ) -> Result<ContainerOutcome> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let context = JobContext { store: &store, cancel, run: live };
        let policy = RestartPolicy { trigger: RestartTrigger::OnFailure, tries: None };
        let limits = Limits { time: Duration::MAX, ..Limits::default() };
        run_with_restarts("web", policy, limits, run, context)
    }

    /// A container that ended with this code. Counts in `packed` how often its output is packed.
    fn end_counted(code: u8, packed: &Cell<u32>) -> EndedContainer<'_> {
        EndedContainer::new(outcome(Some(code), None), move || {
            packed.set(packed.get() + 1);
            Err("it has no output".to_owned())
        })
    }

    /// Runs a container whose runs end with these exit codes; `None`: it cannot begin. Counts in
    /// `packed` how often its output is packed.
    fn run_counted(
        ends: &[Option<u8>],
        live: &LiveRun,
        packed: &Cell<u32>,
    ) -> Result<ContainerOutcome> {
        let ends = RefCell::new(ends.iter());
        let run = |_: Limits, before_start: &dyn Fn()| {
            let Some(code) = ends.borrow_mut().next().unwrap() else {
                return Err(anyhow!("no room in /var/lib"));
            };
            before_start();
            Ok(end_counted(*code, packed))
        };
        run_scripted(&run, live, &CancelToken::default())
    }

    fn run_ends(ends: &[Option<u8>], live: &LiveRun) -> Result<ContainerOutcome> {
        run_counted(ends, live, &Cell::new(0))
    }

    #[test]
    fn a_run_of_a_service_that_cannot_begin_is_tried_again() {
        let live = LiveRun::service(&JobDefinition::new(Vec::new()));
        let last = run_ends(&[Some(1), None, Some(0)], &live).unwrap();
        assert_eq!((last.exit_code, live.restart_count()), (Some(0), 2));
        let report = String::from_utf8(live.read_report().0).unwrap();
        assert!(report.contains("[node] this node could not start web again"), "{report}");
        assert!(report.contains("web begins again in 2 s"), "{report}");
        assert!(!report.contains("/var/lib"), "{report}");

        run_ends(&[None], &live).expect_err("another node may be able to run it");
    }

    #[test]
    fn a_run_of_a_batch_job_that_cannot_begin_fails() {
        let live = LiveRun::batch(&JobDefinition::new(Vec::new()));
        let error = run_ends(&[Some(1), None], &live).unwrap_err();
        assert_eq!(error.to_string(), "no room in /var/lib");
    }

    #[test]
    fn only_the_output_of_the_last_run_is_packed() {
        let live = LiveRun::service(&JobDefinition::new(Vec::new()));
        let packed = Cell::new(0);
        let last = run_counted(&[Some(1), Some(0)], &live, &packed).unwrap();
        assert_eq!((last.exit_code, packed.get()), (Some(0), 1));
        assert_eq!(last.kept.unwrap().unwrap_err(), "it has no output");
    }

    /// How often the output of the first run is packed, and the exit code that counts, if the work
    /// is stopped while the second run begins, before or after its start.
    fn stop_second(has_started: bool, is_error: bool) -> (u32, Option<u8>) {
        let live = LiveRun::batch(&JobDefinition::new(Vec::new()));
        let cancel = CancelToken::default();
        let packed = Cell::new(0);
        let runs = Cell::new(0);
        let run = |_: Limits, before_start: &dyn Fn()| {
            runs.set(runs.get() + 1);
            if runs.get() == 1 {
                before_start();
                return Ok(end_counted(1, &packed));
            }

            if has_started {
                before_start();
            }
            cancel.request_stop();
            if is_error {
                return Err(Error::new(ContainerError::Cancelled));
            }
            let stopped = ContainerOutcome { stopped: true, ..outcome(Some(143), None) };
            Ok(EndedContainer::from(stopped))
        };
        let last = run_scripted(&run, &live, &cancel).unwrap();
        (packed.get(), last.exit_code)
    }

    #[test]
    fn an_output_is_kept_until_the_next_run_starts() {
        assert_eq!(stop_second(false, true), (1, Some(1)), "its image is fetched");
        assert_eq!(stop_second(false, false), (1, Some(1)), "files are copied into it");
        assert_eq!(stop_second(true, false), (0, Some(143)));
    }

    #[test]
    fn a_pause_ends_with_the_work() {
        let cancel = CancelToken::default();
        assert!(wait_unless_ending(Duration::from_millis(1), &cancel));
        cancel.request_stop();
        let begun = Instant::now();
        assert!(!wait_unless_ending(Duration::from_secs(3_600), &cancel));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}

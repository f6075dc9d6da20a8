//! Runs a container, and again after it has ended.

use std::{
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
/// Why the output of a run is not kept although the next one did not begin: because the work was
/// stopped, or this node could not start it.
const NOT_KEPT: &str = "the container was removed for another run, which did not begin";

/// Runs a container with `run`, and again as its policy says. All runs together have the time of
/// one, and the outcome is that of the last one, whose output alone is packed.
///
/// # Errors
/// If the first run fails, or a later one of a batch job. In a service, what keeps a later run from
/// its beginning may pass, while the other operations go on.
pub(super) fn run_with_restarts<'a>(
    id: &str,
    policy: RestartPolicy,
    mut limits: Limits,
    run: &dyn Fn(Limits) -> Result<EndedContainer<'a>>,
    context: JobContext<'_>,
) -> Result<ContainerOutcome> {
    let mut restarts = Restarts::new(policy, limits.time);
    let mut last = None;

    loop {
        let (ended, pause) = match (run(limits), last) {
            (Ok(ended), _) => {
                let pause = restarts.next_pause(ended.outcome(), context.cancel);
                (ended, pause)
            }
            // It was stopped before it began again.
            (Err(error), Some(last)) if was_stopped(&error, context) => return Ok(last),
            (Err(error), Some(last)) if context.is_service() && !context.cancel.is_ending() => {
                // The log is for everyone, and the error may name folders of this machine.
                tracing::warn!(operation = id, "a container does not begin again: {error:#}");
                context.run.report_note(format_args!("this node could not start {id} again"));
                (EndedContainer::from(last), restarts.pause_after_fault())
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
        last = Some(ended.discard_output(NOT_KEPT));
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
    use std::cell::{Cell, RefCell};

    use anyhow::anyhow;
    use nosana_job_spec::{JobDefinition, RestartTrigger};
    use nosana_store::Store;

    use super::*;
    use crate::{execute::container::restarts::tests::outcome, live_jobs::LiveRun};

    /// Runs a container whose runs end with these exit codes; `None`: it cannot begin. Counts in
    /// `packed` how often its output is packed.
    fn run_counted(
        ends: &[Option<u8>],
        live: &LiveRun,
        packed: &Cell<u32>,
    ) -> Result<ContainerOutcome> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let context = JobContext { store: &store, cancel: &CancelToken::default(), run: live };
        let policy = RestartPolicy { trigger: RestartTrigger::OnFailure, tries: None };
        let limits = Limits { time: Duration::MAX, ..Limits::default() };

        let ends = RefCell::new(ends.iter());
        let run = |_: Limits| match ends.borrow_mut().next().unwrap() {
            Some(code) => Ok(EndedContainer::new(outcome(Some(*code), None), move || {
                packed.set(packed.get() + 1);
                Err("it has no output".to_owned())
            })),
            None => Err(anyhow!("no room in /var/lib")),
        };
        run_with_restarts("web", policy, limits, &run, context)
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

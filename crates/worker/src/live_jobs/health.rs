//! When a port is ready, and whether it stays so.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use nosana_job_spec::HealthCheck;
use nosana_sandbox::PortAccess;
use tokio::time::sleep;

use super::{
    check::{find_time_limit, run_check},
    failure_notes::FailureNotes,
    port::LivePort,
    run::LiveRun,
};

/// The pause between two tries before the first success.
const START_INTERVAL: Duration = Duration::from_millis(500);
/// The pause between two runs of continuous checks; tests do not wait for it.
const CONTINUOUS_INTERVAL: Duration = Duration::from_millis(if cfg!(test) { 200 } else { 10_000 });
/// Consecutive failures after which a port is not ready any more.
const MAX_FAILURES: u32 = 3;

/// Checks a port as long as the run lasts.
pub(super) async fn watch_port(run: LiveRun, number: u16) {
    let Some(port) = run.find_port(number) else { return };
    let mut access = port.watch_access();
    let mut notes = FailureNotes::new(Instant::now());

    loop {
        let current = access.borrow_and_update().clone();
        let changed = match current {
            None => access.changed().await,
            Some(current) => tokio::select! {
                changed = access.changed() => changed,
                never = check_port(&run, port, &current, &mut notes) => match never {},
            },
        };
        if changed.is_err() {
            return;
        }
    }
}

/// Waits until the checks have succeeded, and then runs those that are continuous.
async fn check_port(
    run: &LiveRun,
    port: &LivePort,
    access: &PortAccess,
    notes: &mut FailureNotes,
) -> Infallible {
    let default = [HealthCheck::Tcp { continuous: false }];
    let checks: Vec<&HealthCheck> = match port.settings.health_checks.as_slice() {
        [] => default.iter().collect(),
        checks => checks.iter().collect(),
    };
    wait_until_healthy(run, port, access, &checks, false, notes).await;
    run.report_note(format_args!("port {} is ready", port.number()));

    let continuous: Vec<&HealthCheck> =
        checks.into_iter().filter(|check| check.is_continuous()).collect();
    if continuous.is_empty() {
        return std::future::pending().await;
    }
    loop {
        let reason = wait_until_ill(port, access, &continuous).await;
        port.set_ready(false);
        run.report_note(format_args!("port {} is no longer ready: {reason}", port.number()));
        notes.record_note(&reason, Instant::now());

        wait_until_healthy(run, port, access, &continuous, true, notes).await;
        run.report_note(format_args!("port {} is ready again", port.number()));
    }
}

/// Returns once all checks have succeeded: the port is ready. The log says what they wait for.
async fn wait_until_healthy(
    run: &LiveRun,
    port: &LivePort,
    access: &PortAccess,
    checks: &[&HealthCheck],
    was_ready: bool,
    notes: &mut FailureNotes,
) {
    notes.begin_checks(Instant::now());

    while let Err(reason) = run_checks(port, access, checks, was_ready).await {
        if notes.take_note(&reason, Instant::now()) {
            run.report_note(format_args!("port {} is not ready yet: {reason}", port.number()));
        }
        sleep(START_INTERVAL).await;
    }

    notes.forget_reason();
    port.set_ready(true);
}

/// Returns why the checks fail, once enough consecutive ones have failed.
async fn wait_until_ill(port: &LivePort, access: &PortAccess, checks: &[&HealthCheck]) -> String {
    let mut failures = 0_u32;

    loop {
        sleep(CONTINUOUS_INTERVAL).await;
        match run_checks(port, access, checks, true).await {
            Ok(()) => failures = 0,
            Err(_) if failures.saturating_add(1) < MAX_FAILURES => {
                failures = failures.saturating_add(1);
            }
            Err(reason) => return reason,
        }
    }
}

async fn run_checks(
    port: &LivePort,
    access: &PortAccess,
    checks: &[&HealthCheck],
    was_ready: bool,
) -> Result<(), String> {
    for check in checks {
        let limit = find_time_limit(check, was_ready);
        run_check(access, port.number(), check, &port.run_dials, limit).await?;
    }
    Ok(())
}

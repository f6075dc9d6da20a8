//! The limits of commands and containers, from the definition to the sandbox and into the output.

use std::time::Duration;

use nosana_job_spec::{CommandLimits, LimitReport, StepStatus};
use nosana_sandbox::{Limit, Limits};

/// Returns the limits of an operation. A service is bounded in time by its own end, and its output
/// by what is kept of it.
pub(super) fn sandbox_limits(requested: &CommandLimits, is_service: bool) -> Limits {
    let seconds = if is_service {
        requested.service_timeout_seconds()
    } else {
        Some(requested.timeout_seconds())
    };

    Limits {
        time: seconds.map_or(Duration::MAX, Duration::from_secs),
        memory_bytes: requested.memory_bytes(),
        cpus: requested.cpus(),
        processes: requested.processes(),
        disk_bytes: requested.disk_bytes(),
        output_bytes: requested.output_bytes(),
        keeps_end: is_service,
    }
}

/// Returns the status of a step that was run.
pub(super) fn step_status(limit: Option<Limit>, stopped: bool) -> StepStatus {
    match (limit, stopped) {
        (Some(_), _) => StepStatus::Limit,
        (None, true) => StepStatus::Stopped,
        (None, false) => StepStatus::Exited,
    }
}

/// Describes how a step or a container ended.
pub(super) fn describe_end(exit_code: Option<u8>, limit: Option<Limit>) -> String {
    match (limit, exit_code) {
        (Some(limit), _) => format!("its limit ({limit})"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "no exit code".to_owned(),
    }
}

/// Returns the limit as a job's output names it.
pub(super) fn limit_report(limit: Limit) -> LimitReport {
    match limit {
        Limit::Time => LimitReport::Timeout,
        Limit::Memory => LimitReport::Memory,
        Limit::Processes => LimitReport::Processes,
        Limit::Disk => LimitReport::Disk,
    }
}

/// Returns the duration in milliseconds.
pub(super) fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_other_default_limits() {
        let mut requested = CommandLimits::default();
        assert_eq!(sandbox_limits(&requested, false).time, Duration::from_secs(600));
        assert_eq!(sandbox_limits(&requested, true).time, Duration::MAX);

        requested.timeout_seconds = Some(nosana_job_spec::MAX_TIMEOUT_SECONDS);
        assert_eq!(sandbox_limits(&requested, false).time, Duration::from_secs(86_400));
        assert_eq!(sandbox_limits(&requested, true).time, Duration::MAX);

        requested.timeout_seconds = Some(5);
        assert_eq!(sandbox_limits(&requested, true).time, Duration::from_secs(5));
    }
}

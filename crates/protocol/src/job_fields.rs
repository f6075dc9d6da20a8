//! The rules' inputs, read from the fields of a job's account.
//!
//! The type of the account differs between the program and its clients; the names of its fields do
//! not. So these are macros, and the mapping from fields to clocks, times and terms has one home.

/// Returns the [`Clocks`](crate::clocks::Clocks) of a job's account.
#[macro_export]
macro_rules! job_clocks {
    ($job:expr) => {
        $crate::clocks::Clocks {
            queue: $crate::units::Seconds($job.queue_seconds.into()),
            start: $crate::units::Seconds($job.start_seconds.into()),
            heartbeat: $crate::units::Seconds($job.heartbeat_seconds.into()),
            finish_grace: $crate::units::Seconds($job.finish_grace_seconds.into()),
            challenge: $crate::units::Seconds($job.challenge_seconds.into()),
            retention: $crate::units::Seconds($job.retention_seconds.into()),
            min_run: $crate::units::Seconds($job.min_run_seconds.into()),
        }
    };
}

/// Returns the [`RunTimes`](crate::ending::RunTimes) of a job's account.
#[macro_export]
macro_rules! job_run_times {
    ($job:expr, $kind:expr) => {
        $crate::ending::RunTimes {
            kind: $kind,
            started: $crate::units::UnixTimestamp($job.started_at),
            heartbeat: $crate::units::UnixTimestamp($job.heartbeat_at),
            timeout: $crate::units::Seconds($job.timeout_seconds),
            silent: $crate::units::Seconds($job.silent_seconds),
        }
    };
}

/// Returns the [`Terms`](crate::settlement::Terms) of a job's account.
#[macro_export]
macro_rules! job_terms {
    ($job:expr, $kind:expr) => {
        $crate::settlement::Terms {
            price: $crate::units::Price($job.price_per_second),
            timeout: $crate::units::Seconds($job.timeout_seconds),
            fee: $crate::units::BasisPoints($job.network_fee_bps),
            kind: $kind,
        }
    };
}

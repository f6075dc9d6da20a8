//! The exit status of the process, by the convention of `docker run`.

use std::{error, fmt};

use anyhow::Error;

/// The status of a command that fails and that neither lists nor follows a job.
pub const FAILURE: u8 = 1;
/// The status of wrong options and arguments.
pub const USAGE_ERROR: u8 = 2;
/// The status of a command that lists or follows a job, unless the job's own command ran and
/// failed.
pub const MARKETPLACE_FAILURE: u8 = 125;

/// The status of an interrupted process, by the convention of shells.
pub const INTERRUPTED: u8 = 130;

/// The error of a job whose command ran and failed, or of a wait that was interrupted. The process
/// ends with this status.
#[derive(Debug)]
pub struct CommandFailed {
    /// The exit status.
    pub exit_code: u8,
    /// What failed, and what to do.
    pub message: String,
}

impl fmt::Display for CommandFailed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl error::Error for CommandFailed {}

/// Returns the status that reports `error`.
pub fn find_status(error: &Error, follows_job: bool) -> u8 {
    match error.downcast_ref::<CommandFailed>() {
        Some(failed) => failed.exit_code,
        None if follows_job => MARKETPLACE_FAILURE,
        None => FAILURE,
    }
}

/// Whether a signal ended the command.
pub fn is_interruption(error: &Error) -> bool {
    find_status(error, false) == INTERRUPTED
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn a_failed_command_ends_the_process_with_its_own_status() {
        let failed = || CommandFailed { exit_code: 3, message: "it failed".to_owned() };
        assert_eq!(find_status(&Error::new(failed()), true), 3);
        let wrapped = Err::<(), _>(failed()).context("while it was followed").unwrap_err();
        assert_eq!(find_status(&wrapped, true), 3);
        assert_eq!(find_status(&anyhow!("the job ended without a result"), true), 125);
        assert_eq!(find_status(&anyhow!("no stake"), false), 1);
        let interrupted = CommandFailed { exit_code: INTERRUPTED, message: String::new() };
        assert!(is_interruption(&Error::new(interrupted)));
        assert!(!is_interruption(&Error::new(failed())));
    }
}

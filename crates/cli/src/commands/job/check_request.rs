//! What a check of a result needs.

use nosana_client::jobs::accounts::Job;
use nosana_worker::CancelToken;
use solana_address::Address;

use super::{check_means::CheckMeans, twin_record::TwinRecord};
use crate::commands::context::CliContext;

/// A result to check, and how.
pub struct CheckRequest<'a> {
    /// The network and the client.
    pub ctx: &'a CliContext,
    /// The job.
    pub address: Address,
    /// Its account, with a result.
    pub job: &'a Job,
    /// Who computes the result again.
    pub means: CheckMeans,
    /// The twins of this job.
    pub twins: &'a TwinRecord,
    /// Ends what blocks a thread, if a signal ends the command.
    pub cancel: CancelToken,
}

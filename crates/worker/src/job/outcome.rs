//! How the work on a job ends.

/// How the work on a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobOutcome {
    /// The chain has the job's result, or has settled the service.
    Finished,
    /// The node is not paid for the job.
    GaveBack,
    /// The node gave the job back before it ran it, by a transaction of its own: nothing of the job
    /// is needed here.
    Refused,
    /// Not known: read the chain again.
    Unknown,
}

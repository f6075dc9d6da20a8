//! How long a deployment waits for a replica that is not ready.

/// How long a replica may be not ready, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// One that was ready before.
    pub unhealthy_after: u64,
    /// One that was not ready yet.
    pub start_grace: u64,
}

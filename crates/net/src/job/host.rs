//! What the service needs from a node.

use std::future::Future;

use solana_address::Address;
use tokio::net::TcpStream;

use super::RefusalReason;
use crate::access::JobParties;
use crate::logs::LogBuffer;

/// Why a node cannot serve a stream: the reason, and details for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// The reason.
    pub reason: RefusalReason,
    /// Details, which the client displays.
    pub detail: String,
}

impl From<RefusalReason> for HostError {
    fn from(reason: RefusalReason) -> Self {
        Self { reason, detail: String::new() }
    }
}

/// For whom a port is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortUser {
    /// A party of the job, or who has a grant.
    Party,
    /// Anyone. Visitors must not make parties wait.
    Visitor,
}

/// A port that a job exposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortStatus {
    /// The port.
    pub port: u16,
    /// Whether its health checks have succeeded.
    pub is_ready: bool,
    /// Whether the definition makes it public: then anyone may use it.
    pub is_public: bool,
    /// Its name, or nothing; at most 255 bytes.
    pub name: String,
}

/// The jobs of a node.
///
/// The service calls these methods for peers whose signature is good; whether the signer has
/// anything to do with the job is known after [`JobHost::find_parties`].
pub trait JobHost: Send + Sync + 'static {
    /// The wallets of a job that this node runs, from its account. Called for each stream, so it
    /// should not read the chain each time.
    fn find_parties(
        &self,
        job: &Address,
    ) -> impl Future<Output = Result<JobParties, HostError>> + Send;

    /// The log of a job that this node runs.
    fn find_logs(&self, job: &Address)
    -> impl Future<Output = Result<LogBuffer, HostError>> + Send;

    /// Connects to a port that the job exposes, wherever the job listens. Other ports must be
    /// refused.
    fn connect_port(
        &self,
        job: &Address,
        port: u16,
        user: PortUser,
    ) -> impl Future<Output = Result<TcpStream, HostError>> + Send;

    /// The ports that the job exposes. Those that the peer may not use are left out by the service.
    fn list_ports(
        &self,
        job: &Address,
    ) -> impl Future<Output = Result<Vec<PortStatus>, HostError>> + Send;

    /// Ends when the job's run has ended; at once if it does not run.
    fn wait_for_end(&self, job: &Address) -> impl Future<Output = ()> + Send;
}

//! Reads from the chain where a job runs.

use nosana_client::{
    ClientError, Session,
    jobs::accounts::{Job, Node},
};
use nosana_net::{directory::read_endpoint, transport::NodeAddress};
use nosana_protocol::job::State;
use solana_address::Address;

/// A node that runs a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunningPlace {
    /// The node's account.
    pub node: Address,
    /// Where it can be reached.
    pub address: NodeAddress,
}

/// What the chain says about a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JobPlace {
    Running(RunningPlace),
    /// It waits for a node.
    Waiting,
    /// Its node announces no endpoint.
    Unreachable,
    Ended,
    /// The job was never listed, or is closed.
    Unknown,
}

/// Reads the job, and its node if it runs.
pub(crate) async fn read_place(
    session: &Session,
    address: &Address,
) -> Result<JobPlace, ClientError> {
    let job = match session.find_account::<Job>(address).await {
        Ok(Some(job)) => job,
        Ok(None) | Err(ClientError::WrongOwner { .. } | ClientError::Decode { .. }) => {
            return Ok(JobPlace::Unknown);
        }
        Err(error) => return Err(error),
    };

    match State::from_byte(job.state) {
        Some(State::Queued | State::Matched) => Ok(JobPlace::Waiting),
        Some(State::Running) => read_node(session, job.node).await,
        Some(State::Submitted | State::Challenged | State::Settled) => Ok(JobPlace::Ended),
        None => Ok(JobPlace::Unknown),
    }
}

async fn read_node(session: &Session, node: Address) -> Result<JobPlace, ClientError> {
    let account = session.find_account::<Node>(&node).await?;
    let announced = account.and_then(|account| read_endpoint(&account.endpoint).ok().flatten());

    Ok(match announced {
        Some(address) => JobPlace::Running(RunningPlace { node, address }),
        None => JobPlace::Unreachable,
    })
}

//! The node that holds a job.

use nosana_protocol::job::State;
use solana_address::Address;

use super::Session;
use crate::{
    error::ClientError,
    jobs::{
        accounts::{Job, Node},
        types::Slot,
    },
};

/// The node that holds a job.
#[derive(Clone, Debug)]
pub struct JobHolder {
    /// The node's address.
    pub address: Address,
    /// Its account.
    pub node: Node,
}

impl JobHolder {
    /// Returns the slot that names the job; `None` if the job was matched with the node but has not
    /// started.
    pub fn find_slot(&self, job: &Address) -> Option<&Slot> {
        self.node.slots.iter().find(|slot| slot.job == *job)
    }
}

impl Session {
    /// Returns the node that holds `job`; `None` if the job waits in the queue or is settled.
    ///
    /// A job that a node took from the queue does not name the node before the start: only the
    /// node's slot names the job. So this lists the accounts of all nodes, which RPC servers limit,
    /// but only if the job has left the queue.
    ///
    /// # Errors
    /// If the accounts cannot be read.
    pub async fn holder_of(
        &self,
        address: &Address,
        job: &Job,
    ) -> Result<Option<JobHolder>, ClientError> {
        if job.node != Address::default() {
            let node = self.fetch_account::<Node>(&job.node).await?;
            return Ok(Some(JobHolder { address: job.node, node }));
        }
        if job.state != State::Queued as u8 {
            return Ok(None);
        }
        if self.fetch_queue(&job.market).await?.find_cell(address).is_some() {
            return Ok(None);
        }

        let nodes = self.list_accounts::<Node>(&[]).await?.into_iter();
        let mut holders = nodes.map(|(address, node)| JobHolder { address, node });
        Ok(holders.find(|holder| holder.find_slot(address).is_some()))
    }

    /// Returns the node that holds `job`, which probably still is `last`: lists the accounts of all
    /// nodes only if no slot of that node names the job.
    ///
    /// # Errors
    /// If the accounts cannot be read.
    pub async fn recheck_holder(
        &self,
        address: &Address,
        job: &Job,
        last: &Address,
    ) -> Result<Option<JobHolder>, ClientError> {
        let is_unnamed = job.node == Address::default() && job.state == State::Queued as u8;

        if is_unnamed && let Some(node) = self.find_account::<Node>(last).await? {
            let holder = JobHolder { address: *last, node };
            if holder.find_slot(address).is_some() {
                return Ok(Some(holder));
            }
        }
        self.holder_of(address, job).await
    }
}

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

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        future::Future,
        pin::Pin,
        sync::{Arc, Mutex},
    };

    use base64::{Engine, prelude::BASE64_STANDARD};
    use serde_json::{Value, json};
    use solana_rpc_client::{
        nonblocking::rpc_client::RpcClient,
        rpc_client::RpcClientConfig,
        rpc_sender::{RpcSender, RpcTransportStats},
    };
    use solana_rpc_client_api::{client_error::Result as RpcResult, request::RpcRequest};

    use super::*;
    use crate::{
        codec::{Encode, ProgramAccount},
        jobs::accounts::QueueHeader,
        pda,
    };

    /// A server that has some accounts, and counts how often all nodes are listed.
    #[derive(Clone)]
    struct ListingServer {
        accounts: BTreeMap<String, Vec<u8>>,
        lists: Arc<Mutex<u32>>,
    }

    impl RpcSender for ListingServer {
        fn send<'a: 'b, 'b>(
            &'a self,
            request: RpcRequest,
            params: Value,
        ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
        where
            Self: 'b,
        {
            let to_json = |data: &Vec<u8>| {
                json!({
                    "lamports": 1, "data": [BASE64_STANDARD.encode(data), "base64"],
                    "owner": Node::PROGRAM.to_string(), "executable": false, "rentEpoch": 0,
                })
            };
            let answer = match request {
                RpcRequest::GetAccountInfo => {
                    let found = self.accounts.get(params[0].as_str().unwrap()).map(to_json);
                    json!({"context": {"slot": 1}, "value": found})
                }
                RpcRequest::GetProgramAccounts => {
                    *self.lists.lock().unwrap() += 1;
                    let is_node = |data: &Vec<u8>| data.starts_with(Node::DISCRIMINATOR);
                    let nodes = self.accounts.iter().filter(|(_, data)| is_node(data));
                    nodes
                        .map(|(key, data)| json!({"pubkey": key, "account": to_json(data)}))
                        .collect()
                }
                other => panic!("{other} was not expected"),
            };
            Box::pin(async move { Ok(answer) })
        }

        fn get_transport_stats(&self) -> RpcTransportStats {
            RpcTransportStats::default()
        }

        fn url(&self) -> String {
            "a server with some accounts".to_owned()
        }
    }

    fn zeroed<T: ProgramAccount>(size: usize) -> T {
        let mut data = T::DISCRIMINATOR.to_vec();
        data.resize(size, 0);
        T::from_data(&data).unwrap()
    }

    #[tokio::test]
    async fn a_holder_that_is_known_is_checked_without_a_list() {
        let [address, market, holding, idle] =
            [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
        let job = Job { state: State::Queued as u8, market, ..zeroed(Job::SIZE) };
        let mut node: Node = zeroed(Node::SIZE);
        let other = node.to_data();
        node.slots[0].job = address;
        let mut queue = zeroed::<QueueHeader>(QueueHeader::SIZE).to_data();
        0_u32.encode_into(&mut queue);

        let accounts =
            [(pda::jobs::queue(&market), queue), (holding, node.to_data()), (idle, other)];
        let accounts = accounts.map(|(key, data)| (key.to_string(), data)).into();
        let server = ListingServer { accounts, lists: Arc::default() };
        let rpc = RpcClient::new_sender(server.clone(), RpcClientConfig::default());
        let session = Session {
            rpc: Arc::new(rpc),
            ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1")
        };

        for (last, lists) in [(holding, 0), (idle, 1), (market, 2)] {
            let found = session.recheck_holder(&address, &job, &last).await;
            assert_eq!(found.unwrap().unwrap().address, holding);
            assert_eq!(*server.lists.lock().unwrap(), lists);
        }
    }
}

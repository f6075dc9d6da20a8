//! The node that holds a job, without a list of all nodes.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use nosana_protocol::job::State;
use serde_json::{Value, json};
use solana_address::Address;
use solana_rpc_client_api::request::RpcRequest;

use super::scripted_node::ScriptedNode;
use crate::{
    codec::{Encode, ProgramAccount},
    jobs::accounts::{Job, Node, QueueHeader},
    pda,
};

/// A server that has these accounts.
fn server_of(accounts: BTreeMap<String, Vec<u8>>) -> ScriptedNode {
    let all = accounts.clone();
    ScriptedNode::default()
        .with_answer(RpcRequest::GetAccountInfo, move |received| {
            let found = accounts.get(received.last_params()[0].as_str().unwrap()).map(to_json);
            Ok(json!({"context": {"slot": 1}, "value": found}))
        })
        .with_answer(RpcRequest::GetProgramAccounts, move |_| {
            let nodes = all.iter().filter(|(_, data)| data.starts_with(Node::DISCRIMINATOR));
            Ok(nodes.map(|(key, data)| json!({"pubkey": key, "account": to_json(data)})).collect())
        })
}

fn to_json(data: &Vec<u8>) -> Value {
    json!({
        "lamports": 1, "data": [BASE64_STANDARD.encode(data), "base64"],
        "owner": Node::PROGRAM.to_string(), "executable": false, "rentEpoch": 0,
    })
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

    let accounts = [(pda::jobs::queue(&market), queue), (holding, node.to_data()), (idle, other)];
    let accounts = accounts.map(|(key, data)| (key.to_string(), data)).into();
    let (session, received) = server_of(accounts).start_session();

    for (last, lists) in [(holding, 0), (idle, 1), (market, 2)] {
        let found = session.recheck_holder(&address, &job, &last).await;
        assert_eq!(found.unwrap().unwrap().address, holding);
        let received = received.lock().unwrap();
        assert_eq!(received.count_of(RpcRequest::GetProgramAccounts), lists);
    }
}

//! Reads after a transaction, from a server that has not seen it yet.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_hash::Hash;
use solana_keypair::Keypair;
use solana_rpc_client_api::{
    client_error::Result as RpcResult,
    request::{RpcError, RpcRequest, RpcResponseErrorData},
};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

use super::scripted_node::{Received, ScriptedNode};
use crate::{jobs::accounts::Job, session::SendOptions, token};

/// Two servers behind one address: one has confirmed a transaction at slot 50, and the other, which
/// answers reads, is at the slot after `slot` and goes on by one slot with each of them.
fn lagging_node(slot: &Arc<AtomicU64>) -> ScriptedNode {
    let reader = |config: usize, value: Value| {
        let slot = Arc::clone(slot);
        move |received: &Received| {
            answer_read(&slot, &received.last_params()[config], value.clone())
        }
    };

    ScriptedNode::default()
        .with_answer(RpcRequest::GetLatestBlockhash, |_| {
            let blockhash = Hash::default().to_string();
            let value = json!({"blockhash": blockhash, "lastValidBlockHeight": 150});
            Ok(json!({"context": {"slot": 48}, "value": value}))
        })
        .with_answer(RpcRequest::SendTransaction, |_| Ok(json!(Signature::default().to_string())))
        .with_answer(RpcRequest::GetSignatureStatuses, |_| {
            let status = json!({
                "slot": 50, "confirmations": 1, "err": null, "status": {"Ok": null},
                "confirmationStatus": "confirmed",
            });
            Ok(json!({"context": {"slot": 50}, "value": [status]}))
        })
        .with_answer(RpcRequest::GetAccountInfo, reader(1, Value::Null))
        .with_answer(RpcRequest::GetMultipleAccounts, reader(1, json!([null])))
        .with_answer(RpcRequest::GetProgramAccounts, reader(1, json!([])))
        .with_answer(RpcRequest::GetTokenAccountsByOwner, reader(2, listed_token()))
}

/// Answers a read of accounts.
fn answer_read(slot: &AtomicU64, config: &Value, value: Value) -> RpcResult<Value> {
    let slot = slot.fetch_add(1, Ordering::Relaxed) + 1;

    if config["minContextSlot"].as_u64().is_some_and(|least| slot < least) {
        return Err(RpcError::RpcResponseError {
            code: -32016,
            message: "Minimum context slot has not been reached".to_owned(),
            data: RpcResponseErrorData::Empty,
        }
        .into());
    }
    Ok(json!({"context": {"slot": slot}, "value": value}))
}

/// A token account with one token, as an RPC server lists it.
fn listed_token() -> Value {
    let mut data = [0_u8; token::ACCOUNT_SIZE];
    // The amount and the state.
    data[64] = 1;
    data[108] = 1;
    let account = json!({
        "lamports": 1, "data": [BASE64_STANDARD.encode(data), "base64"],
        "owner": token::PROGRAM.to_string(), "executable": false, "rentEpoch": 0, "space": 165,
    });
    json!([{"pubkey": Keypair::new().pubkey().to_string(), "account": account}])
}

/// The slots that reads of accounts required, in their order.
fn required_slots(received: &Received) -> Vec<Option<u64>> {
    let required = received.0.iter().filter_map(|(method, params)| match method {
        RpcRequest::GetAccountInfo
        | RpcRequest::GetMultipleAccounts
        | RpcRequest::GetProgramAccounts => Some(params[1]["minContextSlot"].as_u64()),
        RpcRequest::GetTokenAccountsByOwner => Some(params[2]["minContextSlot"].as_u64()),
        _ => None,
    });
    required.collect()
}

#[tokio::test]
async fn no_read_is_older_than_the_last_transaction() {
    let slot = Arc::new(AtomicU64::new(47));
    let (session, received) = lagging_node(&slot).start_session();
    let address = Keypair::new().pubkey();
    let read_slot = || async { session.fetch_with_context(&address).await.unwrap().context.slot };
    assert_eq!(read_slot().await, 48, "nothing is sent yet");

    let payer = Keypair::new();
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];
    let options = SendOptions { compute_units: Some(1_000), ..SendOptions::default() };
    session.send_and_confirm(&instructions, &payer, &[], &options).await.unwrap();
    slot.store(47, Ordering::Relaxed);
    assert_eq!(read_slot().await, 50);

    // All other reads require that slot, too.
    received.lock().unwrap().0.clear();
    assert_eq!(session.find_access(&address, &address).await.unwrap(), None);
    assert!(session.list_accounts::<Job>(&[]).await.unwrap().is_empty());
    assert_eq!(required_slots(&received.lock().unwrap()), [Some(50); 3]);
}

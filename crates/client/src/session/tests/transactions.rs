//! Transactions that are lost.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use solana_hash::Hash;
use solana_keypair::Keypair;
use solana_rpc_client_api::request::RpcRequest;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

use super::scripted_node::{Received, ScriptedNode};
use crate::{
    error::ClientError,
    session::{SendOptions, confirm::EXPIRY_MARGIN_BLOCKS},
};

/// Block height after which the first blockhash is expired.
const LAST_VALID: u64 = 150;

/// A node that accepts every transaction and never includes one in a block. Its second answer about
/// the block height is past the last valid one by more than servers differ.
fn lossy_node() -> ScriptedNode {
    ScriptedNode::default()
        .with_answer(RpcRequest::GetLatestBlockhash, |received| {
            let blockhashes = received.count_of(RpcRequest::GetLatestBlockhash);
            let blockhash =
                Hash::new_from_array([u8::try_from(blockhashes).unwrap(); 32]).to_string();
            let last = LAST_VALID * blockhashes;
            let value = json!({"blockhash": blockhash, "lastValidBlockHeight": last});
            Ok(json!({"context": {"slot": 1}, "value": value}))
        })
        .with_answer(RpcRequest::SendTransaction, |received| {
            let text = received.last_params()[0].as_str().unwrap();
            // The bytes begin with the number of signatures and the first signature.
            let bytes = BASE64_STANDARD.decode(text).unwrap();
            Ok(json!(Signature::try_from(&bytes[1..65]).unwrap().to_string()))
        })
        .with_answer(RpcRequest::GetSignatureStatuses, |_| {
            Ok(json!({"context": {"slot": 1}, "value": [null]}))
        })
        .with_answer(RpcRequest::GetBlockHeight, |received| {
            let blockhashes = received.count_of(RpcRequest::GetLatestBlockhash);
            let heights = received.count_of(RpcRequest::GetBlockHeight);
            let all_servers_know = LAST_VALID * blockhashes + EXPIRY_MARGIN_BLOCKS;
            Ok(json!(all_servers_know + u64::from(heights.is_multiple_of(2))))
        })
}

/// Transactions, each with the number of requests for the block height before it.
fn sent_transactions(received: &Received) -> Vec<(&str, u64)> {
    let mut heights = 0;
    let mut transactions = Vec::new();
    for (method, params) in &received.0 {
        match method {
            RpcRequest::GetBlockHeight => heights += 1,
            RpcRequest::SendTransaction => {
                transactions.push((params[0].as_str().unwrap(), heights));
            }
            _ => {}
        }
    }
    transactions
}

#[tokio::test]
async fn signs_again_only_after_the_first_signature_expired() {
    let (session, received) = lossy_node().start_session();

    let payer = Keypair::new();
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];
    let options =
        SendOptions { compute_units: Some(1_000), expiry_retries: 1, ..SendOptions::default() };
    let lost = session.send_and_confirm(&instructions, &payer, &[], &options).await.unwrap_err();
    assert!(matches!(lost, ClientError::Expired { .. }), "{lost}");

    let received = received.lock().unwrap();
    let transactions = sent_transactions(&received);
    let mut different: Vec<&str> = transactions.iter().map(|(bytes, _)| *bytes).collect();
    assert!(different.len() > 2, "the same bytes are sent again");
    different.dedup();
    assert_eq!(different.len(), 2, "two transactions, one after the other");
    let (_, heights) = transactions.iter().find(|(bytes, _)| *bytes != different[0]).unwrap();
    assert!(*heights >= 2, "signed after {heights} requests for the block height");
    assert_eq!(received.count_of(RpcRequest::GetLatestBlockhash), 2);
}

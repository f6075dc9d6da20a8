//! Failures that a real network cannot be made to produce, such as lost transactions.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_hash::Hash;
use solana_keypair::Keypair;
use solana_rpc_client::{
    nonblocking::rpc_client::RpcClient,
    rpc_client::RpcClientConfig,
    rpc_sender::{RpcSender, RpcTransportStats},
};
use solana_rpc_client_api::{
    client_error::Result as RpcResult,
    request::{RpcError, RpcRequest, RpcResponseErrorData},
};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

use super::{SendOptions, Session, confirm::EXPIRY_MARGIN_BLOCKS};
use crate::{error::ClientError, jobs::accounts::Job, token};

/// Block height after which the first blockhash is expired.
const LAST_VALID: u64 = 150;

/// The requests that a lossy node received.
#[derive(Default)]
struct Requests {
    /// Requests for a blockhash.
    blockhashes: u64,
    /// Requests for the block height.
    heights: u64,
    /// Transactions, each with the number of requests for the block height before it.
    transactions: Vec<(String, u64)>,
}

/// A node that accepts every transaction and never includes one in a block. Its second answer about
/// the block height is past the last valid one by more than servers differ.
#[derive(Clone, Default)]
struct LossyNode(Arc<Mutex<Requests>>);

impl LossyNode {
    fn answer_request(&self, request: RpcRequest, params: &Value) -> Value {
        let seen = &mut *self.0.lock().unwrap();
        match request {
            RpcRequest::GetLatestBlockhash => {
                seen.blockhashes += 1;
                let blockhash =
                    Hash::new_from_array([u8::try_from(seen.blockhashes).unwrap(); 32]).to_string();
                let last = LAST_VALID * seen.blockhashes;
                let value = json!({"blockhash": blockhash, "lastValidBlockHeight": last});
                json!({"context": {"slot": 1}, "value": value})
            }
            RpcRequest::SendTransaction => {
                let text = params[0].as_str().unwrap();
                seen.transactions.push((text.to_owned(), seen.heights));
                // The bytes begin with the number of signatures and the first signature.
                let bytes = BASE64_STANDARD.decode(text).unwrap();
                json!(Signature::try_from(&bytes[1..65]).unwrap().to_string())
            }
            RpcRequest::GetSignatureStatuses => json!({"context": {"slot": 1}, "value": [null]}),
            RpcRequest::GetBlockHeight => {
                seen.heights += 1;
                let all_servers_know = LAST_VALID * seen.blockhashes + EXPIRY_MARGIN_BLOCKS;
                json!(all_servers_know + u64::from(seen.heights.is_multiple_of(2)))
            }
            other => panic!("{other} was not expected"),
        }
    }
}

impl RpcSender for LossyNode {
    fn send<'a: 'b, 'b>(
        &'a self,
        request: RpcRequest,
        params: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        Box::pin(async move { Ok(self.answer_request(request, &params)) })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a node that loses transactions".to_owned()
    }
}

#[tokio::test]
async fn signs_again_only_after_the_first_signature_expired() {
    let node = LossyNode::default();
    let rpc = RpcClient::new_sender(node.clone(), RpcClientConfig::default());
    let session =
        Session { rpc: Arc::new(rpc), ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1") };

    let payer = Keypair::new();
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];
    let options =
        SendOptions { compute_units: Some(1_000), expiry_retries: 1, ..SendOptions::default() };
    let lost = session.send_and_confirm(&instructions, &payer, &[], &options).await.unwrap_err();
    assert!(matches!(lost, ClientError::Expired { .. }), "{lost}");

    let seen = node.0.lock().unwrap();
    let mut different: Vec<&str> =
        seen.transactions.iter().map(|(bytes, _)| bytes.as_str()).collect();
    assert!(different.len() > 2, "the same bytes are sent again");
    different.dedup();
    assert_eq!(different.len(), 2, "two transactions, one after the other");
    let (_, heights) = seen.transactions.iter().find(|(bytes, _)| bytes != different[0]).unwrap();
    assert!(*heights >= 2, "signed after {heights} requests for the block height");
    assert_eq!(seen.blockhashes, 2);
}

/// A node whose connection fails at the first request, and which has no accounts.
#[derive(Clone, Default)]
struct BrokenNode(Arc<Mutex<u32>>);

impl RpcSender for BrokenNode {
    fn send<'a: 'b, 'b>(
        &'a self,
        _: RpcRequest,
        _: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        let mut requests = self.0.lock().unwrap();
        *requests += 1;
        let is_first = *requests == 1;
        Box::pin(async move {
            if is_first {
                return Err(std::io::Error::other("the connection failed").into());
            }
            Ok(json!({"context": {"slot": 1}, "value": null}))
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a node whose first connection fails".to_owned()
    }
}

#[tokio::test]
async fn accounts_are_read_again_after_a_connection_failed() {
    let node = BrokenNode::default();
    let rpc = RpcClient::new_sender(node.clone(), RpcClientConfig::default());
    let session =
        Session { rpc: Arc::new(rpc), ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1") };
    assert_eq!(session.fetch_raw_account(&Keypair::new().pubkey()).await.unwrap(), None);
    assert_eq!(*node.0.lock().unwrap(), 2);
}

/// Two servers behind one address: one has confirmed a transaction at slot 50, and the other, which
/// answers reads, is at slot 48 and goes on by one slot with each of them.
#[derive(Clone)]
struct LaggingNode {
    slot: Arc<Mutex<u64>>,
    /// The slots that reads required.
    required: Arc<Mutex<Vec<Option<u64>>>>,
}

impl LaggingNode {
    /// Answers a read of accounts.
    fn read(&self, config: &Value, value: Value) -> RpcResult<Value> {
        let required = config["minContextSlot"].as_u64();
        self.required.lock().unwrap().push(required);

        let mut slot = self.slot.lock().unwrap();
        *slot += 1;
        if required.is_none_or(|required| *slot >= required) {
            return Ok(json!({"context": {"slot": *slot}, "value": value}));
        }
        Err(RpcError::RpcResponseError {
            code: -32016,
            message: "Minimum context slot has not been reached".to_owned(),
            data: RpcResponseErrorData::Empty,
        }
        .into())
    }
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

impl RpcSender for LaggingNode {
    fn send<'a: 'b, 'b>(
        &'a self,
        request: RpcRequest,
        params: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        let answer = match request {
            RpcRequest::GetLatestBlockhash => {
                let blockhash = Hash::default().to_string();
                let value = json!({"blockhash": blockhash, "lastValidBlockHeight": LAST_VALID});
                Ok(json!({"context": {"slot": 48}, "value": value}))
            }
            RpcRequest::SendTransaction => Ok(json!(Signature::default().to_string())),
            RpcRequest::GetSignatureStatuses => {
                let status = json!({
                    "slot": 50, "confirmations": 1, "err": null, "status": {"Ok": null},
                    "confirmationStatus": "confirmed",
                });
                Ok(json!({"context": {"slot": 50}, "value": [status]}))
            }
            RpcRequest::GetAccountInfo => self.read(&params[1], Value::Null),
            RpcRequest::GetMultipleAccounts => self.read(&params[1], json!([null])),
            RpcRequest::GetProgramAccounts => self.read(&params[1], json!([])),
            RpcRequest::GetTokenAccountsByOwner => self.read(&params[2], listed_token()),
            other => panic!("{other} was not expected"),
        };
        Box::pin(async move { answer })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "servers that differ".to_owned()
    }
}

#[tokio::test]
async fn no_read_is_older_than_the_last_transaction() {
    let node = LaggingNode { slot: Arc::new(Mutex::new(47)), required: Arc::default() };
    let rpc = RpcClient::new_sender(node.clone(), RpcClientConfig::default());
    let session =
        Session { rpc: Arc::new(rpc), ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1") };
    let address = Keypair::new().pubkey();
    let read_slot = || async { session.fetch_with_context(&address).await.unwrap().context.slot };
    assert_eq!(read_slot().await, 48, "nothing is sent yet");

    let payer = Keypair::new();
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];
    let options = SendOptions { compute_units: Some(1_000), ..SendOptions::default() };
    session.send_and_confirm(&instructions, &payer, &[], &options).await.unwrap();
    *node.slot.lock().unwrap() = 47;
    assert_eq!(read_slot().await, 50);

    // All other reads require that slot, too.
    node.required.lock().unwrap().clear();
    assert_eq!(session.find_access(&address, &address).await.unwrap(), None);
    assert!(session.list_accounts::<Job>(&[]).await.unwrap().is_empty());
    assert_eq!(*node.required.lock().unwrap(), [Some(50); 3]);
}

/// A node with some transactions of an account, numbered from the newest; every third failed.
#[derive(Clone)]
struct ArchiveNode {
    transactions: usize,
    requests: Arc<Mutex<u32>>,
}

/// The signature of the transaction with this number.
fn numbered_signature(number: usize) -> Signature {
    let mut bytes = [0; 64];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Signature::from(bytes)
}

impl RpcSender for ArchiveNode {
    fn send<'a: 'b, 'b>(
        &'a self,
        request: RpcRequest,
        params: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        assert_eq!(request, RpcRequest::GetSignaturesForAddress);
        *self.requests.lock().unwrap() += 1;
        let config = &params[1];
        let before = config["before"].as_str();
        let first = before.map_or(0, |before| {
            (0..self.transactions)
                .find(|number| numbered_signature(*number).to_string() == before)
                .unwrap()
                + 1
        });
        let limit = usize::try_from(config["limit"].as_u64().unwrap()).unwrap();

        let to_json = |number: usize| {
            let failed = number.is_multiple_of(3).then_some("AccountNotFound");
            json!({
                "signature": numbered_signature(number).to_string(),
                "slot": 10_000 - number,
                "err": failed,
                "memo": null,
                "blockTime": 20_000 - number,
                "confirmationStatus": "confirmed",
            })
        };
        let page: Vec<_> =
            (first..self.transactions.min(first.saturating_add(limit))).map(to_json).collect();
        Box::pin(async move { Ok(json!(page)) })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a node with a long history".to_owned()
    }
}

#[tokio::test]
async fn transactions_are_listed_page_by_page_from_the_oldest() {
    for (transactions, pages) in [(0, 1), (1, 1), (999, 1), (1_000, 2), (2_500, 3)] {
        let node = ArchiveNode { transactions, requests: Arc::default() };
        let rpc = RpcClient::new_sender(node.clone(), RpcClientConfig::default());
        let session = Session {
            rpc: Arc::new(rpc),
            ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1")
        };

        let found = session.list_transactions(&Keypair::new().pubkey()).await.unwrap();
        let signatures: Vec<_> = found.iter().map(|past| past.signature).collect();
        let succeeded = (0..transactions).rev().filter(|number| !number.is_multiple_of(3));
        assert_eq!(signatures, succeeded.map(numbered_signature).collect::<Vec<_>>());
        assert!(found.is_sorted_by_key(|past| (past.slot, past.at)));
        assert_eq!(*node.requests.lock().unwrap(), pages, "{transactions} transactions");
    }
}

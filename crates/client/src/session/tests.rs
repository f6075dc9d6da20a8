//! What a real network cannot be made to do: lose transactions.

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
use solana_rpc_client_api::{client_error::Result as RpcResult, request::RpcRequest};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

use super::{SendOptions, Session, confirm::MARGIN_BLOCKS};
use crate::error::ClientError;

/// Block height after which the first blockhash is too old.
const LAST_VALID: u64 = 150;

/// What a node that loses transactions has seen.
#[derive(Default)]
struct Seen {
    /// Blockhashes that it gave out.
    blockhashes: u64,
    /// Questions for the block height.
    heights: u64,
    /// Transactions, each with the number of height questions before it.
    transactions: Vec<(String, u64)>,
}

/// A node that takes every transaction and never puts one into a block. Its second answer about the
/// block height is past the blockhash's last, by more than servers differ.
#[derive(Clone, Default)]
struct Lossy(Arc<Mutex<Seen>>);

impl Lossy {
    fn answer(&self, request: RpcRequest, params: &Value) -> Value {
        let seen = &mut *self.0.lock().unwrap();
        match request {
            RpcRequest::GetLatestBlockhash => {
                seen.blockhashes += 1;
                let blockhash =
                    Hash::new_from_array([u8::try_from(seen.blockhashes).unwrap(); 32]).to_string();
                let last = LAST_VALID * seen.blockhashes;
                json!({"context": {"slot": 1}, "value": {"blockhash": blockhash, "lastValidBlockHeight": last}})
            }
            RpcRequest::SendTransaction => {
                let text = params[0].as_str().unwrap();
                seen.transactions.push((text.to_owned(), seen.heights));
                // The number of signatures, the first signature.
                let bytes = BASE64_STANDARD.decode(text).unwrap();
                json!(Signature::try_from(&bytes[1..65]).unwrap().to_string())
            }
            RpcRequest::GetSignatureStatuses => json!({"context": {"slot": 1}, "value": [null]}),
            RpcRequest::GetBlockHeight => {
                seen.heights += 1;
                let all_servers_know = LAST_VALID * seen.blockhashes + MARGIN_BLOCKS;
                json!(all_servers_know + u64::from(seen.heights.is_multiple_of(2)))
            }
            other => panic!("{other} was not expected"),
        }
    }
}

impl RpcSender for Lossy {
    fn send<'a: 'b, 'b>(
        &'a self,
        request: RpcRequest,
        params: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        Box::pin(async move { Ok(self.answer(request, &params)) })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a node that loses transactions".to_owned()
    }
}

#[tokio::test]
async fn signs_anew_only_when_the_first_has_expired() {
    let node = Lossy::default();
    let rpc = RpcClient::new_sender(node.clone(), RpcClientConfig::default());
    let session =
        Session { rpc: Arc::new(rpc), ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1") };
    let payer = Keypair::new();
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];
    let options =
        SendOptions { compute_units: Some(1_000), signed_anew: 1, ..SendOptions::default() };
    let lost = session.land(&instructions, &payer, &[], &options).await.unwrap_err();
    assert!(matches!(lost, ClientError::Expired { .. }), "{lost}");

    let seen = node.0.lock().unwrap();
    let mut different: Vec<&str> =
        seen.transactions.iter().map(|(bytes, _)| bytes.as_str()).collect();
    assert!(different.len() > 2, "the same bytes are sent again");
    different.dedup();
    assert_eq!(different.len(), 2, "two transactions, one after the other");
    let second = seen.transactions.iter().find(|(bytes, _)| bytes != different[0]).unwrap();
    assert!(second.1 >= 2, "signed after {} looks at the block height", second.1);
    assert_eq!(seen.blockhashes, 2);
}

/// A node whose wire breaks at the first question, and which knows no account.
#[derive(Clone, Default)]
struct Broken(Arc<Mutex<u32>>);

impl RpcSender for Broken {
    fn send<'a: 'b, 'b>(
        &'a self,
        _: RpcRequest,
        _: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        let mut asked = self.0.lock().unwrap();
        *asked += 1;
        let broken = *asked == 1;
        Box::pin(async move {
            if broken {
                return Err(std::io::Error::other("the wire broke").into());
            }
            Ok(json!({"context": {"slot": 1}, "value": null}))
        })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a node behind a wire that breaks".to_owned()
    }
}

#[tokio::test]
async fn accounts_are_read_again_when_the_wire_broke() {
    let node = Broken::default();
    let rpc = RpcClient::new_sender(node.clone(), RpcClientConfig::default());
    let session =
        Session { rpc: Arc::new(rpc), ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1") };
    assert_eq!(session.raw_account(&Keypair::new().pubkey()).await.unwrap(), None);
    assert_eq!(*node.0.lock().unwrap(), 2);
}

//! Reads over a broken connection, of many accounts, and of long histories.

use std::{
    io::{Read, Write, copy, sink},
    net::TcpListener,
    thread::spawn,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_rpc_client_api::request::RpcRequest;
use solana_signature::Signature;
use solana_signer::Signer;

use super::scripted_node::ScriptedNode;
use crate::{codec::ProgramAccount, error::ClientError, jobs::accounts::Dispute, session::Session};

/// A node whose connection fails at the first request, and which has no accounts.
fn broken_node() -> ScriptedNode {
    ScriptedNode::default().with_answer(RpcRequest::GetAccountInfo, |received| {
        if received.count_of(RpcRequest::GetAccountInfo) == 1 {
            return Err(std::io::Error::other("the connection failed").into());
        }
        Ok(json!({"context": {"slot": 1}, "value": null}))
    })
}

#[tokio::test]
async fn accounts_are_read_again_after_a_connection_failed() {
    let (session, received) = broken_node().start_session();
    assert_eq!(session.fetch_raw_account(&Keypair::new().pubkey()).await.unwrap(), None);
    assert_eq!(received.lock().unwrap().count_of(RpcRequest::GetAccountInfo), 2);
}

fn numbered_address(number: u8) -> Address {
    Address::new_from_array([number; 32])
}

/// A dispute whose market has the dispute's own address. Every third one is missing, and another
/// program owns the account with the number 7.
fn dispute_json(number: u8) -> Value {
    if number.is_multiple_of(3) {
        return Value::Null;
    }
    let mut data = vec![0; Dispute::SIZE];
    data[..Dispute::DISCRIMINATOR.len()].copy_from_slice(Dispute::DISCRIMINATOR);
    data[Dispute::MARKET_OFFSET..][..32].copy_from_slice(numbered_address(number).as_array());
    let owner = if number == 7 { numbered_address(7) } else { Dispute::PROGRAM };
    json!({
        "lamports": 1, "data": [BASE64_STANDARD.encode(data), "base64"],
        "owner": owner.to_string(), "executable": false, "rentEpoch": 0,
    })
}

/// A node that has the disputes with the numbers 0 to 249, and returns at most 100 accounts.
fn dispute_node() -> ScriptedNode {
    ScriptedNode::default().with_answer(RpcRequest::GetMultipleAccounts, |received| {
        let keys = received.last_params()[0].as_array().unwrap();
        assert!(keys.len() <= 100, "{} accounts", keys.len());
        let find_number = |key: &Value| {
            (0..250).find(|number| key.as_str() == Some(&numbered_address(*number).to_string()))
        };
        let found: Vec<Value> =
            keys.iter().map(|key| dispute_json(find_number(key).unwrap())).collect();
        Ok(json!({"context": {"slot": 1}, "value": found}))
    })
}

#[tokio::test]
async fn many_accounts_are_read_with_few_requests() {
    let (session, received) = dispute_node().start_session();
    let addresses: Vec<Address> = (0..250).map(numbered_address).collect();

    let found = session.find_accounts::<Dispute>(&addresses).await.unwrap();
    assert_eq!(received.lock().unwrap().count_of(RpcRequest::GetMultipleAccounts), 3);
    assert_eq!(found.len(), addresses.len());
    for (number, (address, found)) in (0..250_u8).zip(addresses.iter().zip(found)) {
        match found {
            Ok(Some(dispute)) => assert_eq!(dispute.market, *address),
            Ok(None) => assert!(number.is_multiple_of(3), "{number} is missing"),
            Err(error) => {
                assert!(number == 7 && matches!(error, ClientError::WrongOwner { .. }), "{error}");
            }
        }
    }

    assert!(session.find_accounts::<Dispute>(&[]).await.unwrap().is_empty());
    assert_eq!(received.lock().unwrap().count_of(RpcRequest::GetMultipleAccounts), 3);
}

#[tokio::test]
async fn an_answer_of_another_length_is_not_taken_for_the_accounts() {
    let node = ScriptedNode::default().with_answer(RpcRequest::GetMultipleAccounts, |_| {
        Ok(json!({"context": {"slot": 1}, "value": [dispute_json(1)]}))
    });
    let (session, _) = node.start_session();
    let addresses = [1, 2].map(numbered_address);
    let error = session.find_accounts::<Dispute>(&addresses).await.unwrap_err();
    assert!(matches!(error, ClientError::Refused { .. }), "{error}");
}

/// The signature of the transaction with this number.
fn numbered_signature(number: usize) -> Signature {
    let mut bytes = [0; 64];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Signature::from(bytes)
}

/// A node with some transactions of an account, numbered from the newest; every third failed.
fn archive_node(transactions: usize) -> ScriptedNode {
    ScriptedNode::default().with_answer(RpcRequest::GetSignaturesForAddress, move |received| {
        let config = &received.last_params()[1];
        let before = config["before"].as_str();
        let first = before.map_or(0, |before| {
            (0..transactions)
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
            (first..transactions.min(first.saturating_add(limit))).map(to_json).collect();
        Ok(json!(page))
    })
}

#[tokio::test]
async fn transactions_are_listed_page_by_page_from_the_oldest() {
    for (transactions, pages) in [(0, 1), (1, 1), (999, 1), (1_000, 2), (2_500, 3)] {
        let (session, received) = archive_node(transactions).start_session();

        let found = session.list_transactions(&Keypair::new().pubkey()).await.unwrap();
        let signatures: Vec<_> = found.iter().map(|past| past.signature).collect();
        let succeeded = (0..transactions).rev().filter(|number| !number.is_multiple_of(3));
        assert_eq!(signatures, succeeded.map(numbered_signature).collect::<Vec<_>>());
        assert!(found.is_sorted_by_key(|past| (past.slot, past.at)));
        let requests = received.lock().unwrap().count_of(RpcRequest::GetSignaturesForAddress);
        assert_eq!(requests, pages, "{transactions} transactions");
    }
}

#[tokio::test]
async fn an_error_keeps_the_key_in_the_rpc_servers_url_secret() {
    let session = Session::new("http://127.0.0.1:1/v2/KEY", "ws://127.0.0.1:1").with_max_retries(0);

    let error = session.list_transactions(&Keypair::new().pubkey()).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("KEY"), "{error}");
}

/// A server that answers every request with this status of HTTP. Returns its URL.
fn start_server(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/?api-key=secret", listener.local_addr().unwrap());
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            assert!(stream.read(&mut [0; 4_096]).unwrap() > 0);
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            // A connection that is closed before the request has ended loses the answer.
            let _ = copy(&mut stream, &mut sink());
        }
    });
    url
}

#[tokio::test]
async fn a_status_that_rejects_a_request_is_an_answer() {
    let read = async |status| {
        let session = Session::new(&start_server(status), "ws://127.0.0.1:1").with_max_retries(0);
        session.find_accounts::<Dispute>(&[numbered_address(1)]).await.unwrap_err()
    };
    let rejected = read("413 Payload Too Large").await;
    assert!(matches!(rejected, ClientError::Refused { .. }), "{rejected}");
    let text = rejected.to_string();
    assert!(text.contains("413") && !text.contains("secret"), "{text}");

    let away = read("503 Service Unavailable").await;
    assert!(matches!(away, ClientError::Unreachable { .. }), "{away}");
}

//! What a transaction requests after its simulation, and what follows if that was too little.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_hash::Hash;
use solana_keypair::Keypair;
use solana_rpc_client_api::{client_error::TransactionError, request::RpcRequest};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

use super::scripted_node::{Received, ScriptedNode};
use crate::{
    error::ClientError,
    session::{Confirmation, SendOptions, choose_loaded_limit},
};

/// Bytes that each simulation loads.
const LOADED_BYTES: u32 = 700_000;
/// What a node reports that counts them.
const LOADED: Option<u32> = Some(LOADED_BYTES);

/// A node that lands every transaction: the first ones with these errors, one each, and those after
/// them without one.
fn landing_node(loaded_bytes: Option<u32>, errors: Vec<Value>) -> ScriptedNode {
    ScriptedNode::default()
        .with_answer(RpcRequest::SimulateTransaction, move |_| {
            let mut value = json!({"err": null, "logs": [], "unitsConsumed": 50_000});
            if let Some(bytes) = loaded_bytes {
                value["loadedAccountsDataSize"] = json!(bytes);
            }
            Ok(json!({"context": {"slot": 1}, "value": value}))
        })
        .with_answer(RpcRequest::GetLatestBlockhash, |_| {
            let blockhash = Hash::default().to_string();
            let value = json!({"blockhash": blockhash, "lastValidBlockHeight": 150});
            Ok(json!({"context": {"slot": 1}, "value": value}))
        })
        .with_answer(RpcRequest::SendTransaction, |received| {
            // The bytes begin with the number of signatures and the first signature.
            let bytes = decode_sent(received.last_params());
            Ok(json!(Signature::try_from(&bytes[1..65]).unwrap().to_string()))
        })
        .with_answer(RpcRequest::GetSignatureStatuses, move |received| {
            let sent = usize::try_from(received.count_of(RpcRequest::SendTransaction)).unwrap();
            let error = errors.get(sent - 1);
            let status = error.map_or(json!({"Ok": null}), |error| json!({"Err": error}));
            let status = json!({
                "slot": 50, "confirmations": 1, "err": error, "status": status,
                "confirmationStatus": "confirmed",
            });
            Ok(json!({"context": {"slot": 50}, "value": [status]}))
        })
        .with_answer(RpcRequest::GetTransaction, |_| Ok(json!("not a transaction")))
}

fn decode_sent(params: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(params[0].as_str().unwrap()).unwrap()
}

/// The limit of loaded bytes in each transaction that was sent.
fn list_limits(received: &Received) -> Vec<Option<u32>> {
    let sent = received.0.iter().filter(|(method, _)| *method == RpcRequest::SendTransaction);
    sent.map(|(_, params)| find_limit(&decode_sent(params))).collect()
}

/// Finds the limit by the bytes of its instruction: no accounts, five bytes of data, the fourth
/// instruction of the compute budget, a number.
fn find_limit(transaction: &[u8]) -> Option<u32> {
    let found = transaction.windows(7).find_map(|window| window.strip_prefix(&[0_u8, 5, 4]));
    found.map(|number| u32::from_le_bytes(number.try_into().unwrap()))
}

/// Sends a transfer; returns its outcome, and the limits of what was sent.
async fn send_transfer(
    node: ScriptedNode,
    options: &SendOptions,
) -> (Result<Confirmation, ClientError>, Vec<Option<u32>>) {
    let (session, received) = node.start_session();
    // The same bytes in every run: those of a random address could look like the instruction.
    let payer = Keypair::new_from_array([7; 32]);
    let instructions = [transfer(&payer.pubkey(), &payer.pubkey(), 1)];

    let outcome = session.send_and_confirm(&instructions, &payer, &[], options).await;
    let limits = list_limits(&received.lock().unwrap());
    (outcome, limits)
}

#[tokio::test]
async fn the_limit_of_loaded_bytes_follows_from_the_simulation() {
    let options = SendOptions::default();
    let (sent, limits) = send_transfer(landing_node(LOADED, vec![]), &options).await;
    sent.unwrap();
    assert_eq!(limits, [Some(choose_loaded_limit(LOADED_BYTES))]);

    for reported in [None, Some(0)] {
        let (sent, limits) = send_transfer(landing_node(reported, vec![]), &options).await;
        sent.unwrap();
        assert_eq!(limits, [None], "the node does not report the bytes: {reported:?}");
    }

    let given = SendOptions { compute_units: Some(1_000), ..options };
    let (sent, limits) = send_transfer(landing_node(LOADED, vec![]), &given).await;
    sent.unwrap();
    assert_eq!(limits, [None], "without a simulation nothing is known");
}

#[tokio::test]
async fn a_transaction_whose_accounts_have_grown_is_sent_once_more_without_the_limit() {
    let grown = json!("MaxLoadedAccountsDataSizeExceeded");
    let first = Some(choose_loaded_limit(LOADED_BYTES));
    let options = SendOptions::default();

    let once = landing_node(LOADED, vec![grown.clone()]);
    let (sent, limits) = send_transfer(once, &options).await;
    sent.unwrap();
    assert_eq!(limits, [first, None]);

    let twice = landing_node(LOADED, vec![grown.clone(), grown.clone()]);
    let (failed, limits) = send_transfer(twice, &options).await;
    assert_too_much_loaded(&failed.unwrap_err());
    assert_eq!(limits, [first, None]);

    let signed_once = SendOptions { expiry_retries: 0, ..options };
    let (failed, limits) = send_transfer(landing_node(LOADED, vec![grown]), &signed_once).await;
    assert_too_much_loaded(&failed.unwrap_err());
    assert_eq!(limits, [first]);
}

#[tokio::test]
async fn a_transaction_that_lacks_units_is_sent_once_more_with_the_most() {
    let lacking = json!({"InstructionError": [2, "ProgramFailedToComplete"]});
    let options = SendOptions::default();
    let first = Some(choose_loaded_limit(LOADED_BYTES));

    let once = landing_node(LOADED, vec![lacking.clone()]);
    let (sent, limits) = send_transfer(once, &options).await;
    sent.unwrap();
    assert_eq!(limits, [first, first]);

    let twice = landing_node(LOADED, vec![lacking.clone(), lacking.clone()]);
    let (failed, limits) = send_transfer(twice, &options).await;
    assert!(failed.unwrap_err().to_string().contains("request more compute units"));
    assert_eq!(limits.len(), 2);

    let given = SendOptions { compute_units: Some(1_000), ..options };
    let (failed, limits) = send_transfer(landing_node(LOADED, vec![lacking]), &given).await;
    assert!(failed.is_err());
    assert_eq!(limits.len(), 1, "the caller chose the units");
}

/// Checks that a transaction was sent and loaded too much, and that the error says what to do.
fn assert_too_much_loaded(failed: &ClientError) {
    assert!(
        matches!(
            failed,
            ClientError::Transaction {
                error: TransactionError::MaxLoadedAccountsDataSizeExceeded,
                advice,
                signature: Some(_),
                ..
            } if advice.contains("send it again")
        ),
        "{failed}"
    );
}

#[tokio::test]
async fn a_failure_names_the_callers_instruction() {
    let error = json!({"InstructionError": [2, {"Custom": 1}]});
    for (loaded_bytes, expected) in [(LOADED, 0), (None, 1)] {
        let node = landing_node(loaded_bytes, vec![error.clone()]);
        let (failed, _) = send_transfer(node, &SendOptions::default()).await;
        let failed = failed.unwrap_err();
        let program = failed.program().unwrap_or_else(|| panic!("{failed}"));
        assert_eq!(program.instruction, expected, "{failed}");
    }
}

//! The details of a confirmed transaction.

use std::time::Duration;

use serde_json::json;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client_api::{config::RpcTransactionConfig, request::RpcRequest};
use solana_signature::Signature;
use solana_transaction_status_client_types::{
    EncodedConfirmedTransactionWithStatusMeta, UiTransactionEncoding,
    option_serializer::OptionSerializer,
};
use tokio::time::{Instant, sleep};

use super::Session;
use crate::{
    error::ClientError,
    logs::{self, Event},
};

/// The time within which the node must store a transaction that it has confirmed.
const DETAILS_TIMEOUT: Duration = Duration::from_secs(15);
/// The interval between two requests for the details.
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// A confirmed transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The transaction's first signature, which identifies it.
    pub signature: Signature,
    /// The slot that the node reported with its confirmation.
    pub slot: u64,
    /// Time from the call to the confirmation, simulation included.
    pub latency: Duration,
}

/// A confirmed transaction with its details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction's first signature, which identifies it.
    pub signature: Signature,
    /// The slot of its block.
    pub slot: u64,
    /// The fee in lamports, without rent.
    pub fee_lamports: u64,
    /// The compute units used.
    pub compute_units: u64,
    /// The log lines of the runtime and the programs.
    pub logs: Vec<String>,
    /// The events of the Nosana programs, in order.
    pub events: Vec<Event>,
    /// Time from the call to the confirmation, simulation included.
    pub latency: Duration,
}

impl Session {
    /// Reads the details of a confirmed transaction.
    ///
    /// # Errors
    /// [`ClientError::NoDetails`] if the node does not have them.
    pub async fn fetch_receipt(&self, confirmed: &Confirmation) -> Result<Receipt, ClientError> {
        let signature = confirmed.signature;
        let found = self.fetch_transaction(&signature).await?;
        let found = found.ok_or(ClientError::NoDetails { signature })?;
        let slot = found.slot;
        let meta = found.transaction.meta.ok_or(ClientError::NoDetails { signature })?;

        let logs: Vec<String> = Option::from(meta.log_messages).unwrap_or_default();
        Ok(Receipt {
            signature,
            slot,
            fee_lamports: meta.fee,
            compute_units: match meta.compute_units_consumed {
                OptionSerializer::Some(units) => units,
                OptionSerializer::None | OptionSerializer::Skip => 0,
            },
            events: logs::decode_events(&logs),
            logs,
            latency: confirmed.latency,
        })
    }

    /// Returns a transaction's logs; empty if the node does not have them.
    pub(super) async fn fetch_logs(&self, signature: &Signature) -> Vec<String> {
        let found = self.fetch_transaction(signature).await.ok().flatten();
        let meta = found.and_then(|found| found.transaction.meta);
        meta.and_then(|meta| Option::from(meta.log_messages)).unwrap_or_default()
    }

    /// Reads a transaction. Waits for the node to store it, which happens shortly after the
    /// confirmation; returns `None` after a timeout.
    async fn fetch_transaction(
        &self,
        signature: &Signature,
    ) -> Result<Option<EncodedConfirmedTransactionWithStatusMeta>, ClientError> {
        let deadline = Instant::now() + DETAILS_TIMEOUT;

        loop {
            let found = self.find_transaction(signature).await?;
            if found.is_some() || Instant::now() >= deadline {
                return Ok(found);
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Reads a transaction; `None` if the node does not have it, or not yet.
    pub(super) async fn find_transaction(
        &self,
        signature: &Signature,
    ) -> Result<Option<EncodedConfirmedTransactionWithStatusMeta>, ClientError> {
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(self.stored_commitment()),
            max_supported_transaction_version: Some(0),
        };
        let params = json!([signature.to_string(), config]);

        let fetch = || self.rpc.send(RpcRequest::GetTransaction, params.clone());
        self.call_node("requesting a transaction", fetch).await
    }

    /// The session's commitment, or the lowest at which nodes return transactions.
    pub(super) fn stored_commitment(&self) -> CommitmentConfig {
        if self.commitment.is_finalized() { self.commitment } else { CommitmentConfig::confirmed() }
    }
}

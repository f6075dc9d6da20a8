//! What became of a transaction.

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

/// How long the node may take to keep what it has confirmed.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(40);

/// A transaction that landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// Its name.
    pub signature: Signature,
    /// The slot that the node reported with its confirmation.
    pub slot: u64,
    /// From the call to the confirmation, simulation included.
    pub latency: Duration,
}

/// A transaction that landed, with all that the chain says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its name.
    pub signature: Signature,
    /// The slot of its block.
    pub slot: u64,
    /// What it cost, in lamports, rent not included.
    pub fee_lamports: u64,
    /// Compute units that it used.
    pub compute_units: u64,
    /// The runtime's and the programs' log lines.
    pub logs: Vec<String>,
    /// Our programs' events, in order.
    pub events: Vec<Event>,
    /// From the call to the confirmation, simulation included.
    pub latency: Duration,
}

impl Session {
    /// The details of a transaction that landed.
    pub async fn receipt(&self, landed: &Landed) -> Result<Receipt, ClientError> {
        let found = self.transaction(&landed.signature).await?;
        let missing = ClientError::NoDetails { signature: landed.signature };
        let found = found.ok_or(missing)?;
        let slot = found.slot;
        let meta =
            found.transaction.meta.ok_or(ClientError::NoDetails { signature: landed.signature })?;
        let logs: Vec<String> = Option::from(meta.log_messages).unwrap_or_default();
        Ok(Receipt {
            signature: landed.signature,
            slot,
            fee_lamports: meta.fee,
            compute_units: match meta.compute_units_consumed {
                OptionSerializer::Some(units) => units,
                OptionSerializer::None | OptionSerializer::Skip => 0,
            },
            events: logs::events(&logs),
            logs,
            latency: landed.latency,
        })
    }

    /// A transaction's logs; empty if the node has none.
    pub(super) async fn logs(&self, signature: &Signature) -> Vec<String> {
        let found = self.transaction(signature).await.ok().flatten();
        let meta = found.and_then(|found| found.transaction.meta);
        meta.and_then(|meta| Option::from(meta.log_messages)).unwrap_or_default()
    }

    /// A transaction as the node keeps it. Nodes keep it a moment after they confirm it.
    async fn transaction(
        &self,
        signature: &Signature,
    ) -> Result<Option<EncodedConfirmedTransactionWithStatusMeta>, ClientError> {
        let commitment = if self.commitment.is_finalized() {
            self.commitment
        } else {
            CommitmentConfig::confirmed()
        };
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(commitment),
            max_supported_transaction_version: Some(0),
        };
        let until = Instant::now() + PATIENCE;
        loop {
            let params = json!([signature.to_string(), config]);
            let ask = || self.rpc.send(RpcRequest::GetTransaction, params.clone());
            let found: Option<EncodedConfirmedTransactionWithStatusMeta> =
                self.call("asking for a transaction", ask).await?;
            if found.is_some() || Instant::now() >= until {
                return Ok(found);
            }
            sleep(PAUSE).await;
        }
    }
}

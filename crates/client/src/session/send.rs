//! Sends transactions: simulates, signs and delivers, and signs again only after the first
//! signature has expired.

use std::time::Instant;

use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_rpc_client_api::{client_error::TransactionError, config::RpcSimulateTransactionConfig};
use solana_signature::Signature;
use solana_signer::Signer;

use super::{
    Session,
    confirm::Delivery,
    message::{MAX_COMPUTE_UNITS, Signers, TransactionRequest},
    receipt::{Confirmation, Receipt},
};
use crate::error::{ClientError, FailedTransaction};

/// Compute units beyond those of the simulation: other transactions may land first and change the
/// path that the programs take.
const SPARE_UNITS: u64 = 5_000;
/// The divisor for the share of the simulated units that is added to [`SPARE_UNITS`].
const SPARE_DIVISOR: u64 = 10;

/// Options of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendOptions {
    /// Compute units to request. `None` simulates first, and requests a tenth and 5,000 more than
    /// the simulation used. A number skips the simulation, which saves a round trip; but then a
    /// transaction that fails costs its fee.
    pub compute_units: Option<u32>,
    /// Priority fee in micro-lamports per compute unit.
    pub priority_micro_lamports: u64,
    /// How often to sign and send again after the transaction expired without landing.
    pub expiry_retries: u32,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self { compute_units: None, priority_micro_lamports: 0, expiry_retries: 2 }
    }
}

impl Session {
    /// Sends a transaction, and waits until it is confirmed and its details are known.
    ///
    /// If the simulation fails, this returns an error and sends and pays nothing. There are never
    /// two transactions under way at once: the same bytes are sent again until they land or expire.
    ///
    /// # Errors
    /// If the transaction fails, expires, or cannot be built or sent.
    pub async fn send_transaction(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
        signers: Signers<'_>,
    ) -> Result<Receipt, ClientError> {
        self.send_with_options(instructions, payer, signers, &SendOptions::default()).await
    }

    /// Like [`Self::send`], with options.
    ///
    /// # Errors
    /// If the transaction fails, expires, or cannot be built or sent.
    pub async fn send_with_options(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
        signers: Signers<'_>,
        options: &SendOptions,
    ) -> Result<Receipt, ClientError> {
        let confirmed = self.send_and_confirm(instructions, payer, signers, options).await?;
        self.fetch_receipt(&confirmed).await
    }

    /// Sends a transaction, and waits until it is confirmed. Does not read its details, which saves
    /// a round trip compared with [`Self::send_with`].
    ///
    /// # Errors
    /// If the transaction fails, expires, or cannot be built or sent.
    pub async fn send_and_confirm(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
        signers: Signers<'_>,
        options: &SendOptions,
    ) -> Result<Confirmation, ClientError> {
        let begun = Instant::now();
        let request = TransactionRequest { instructions, payer, signers, options };
        let (units, mut latest) =
            tokio::try_join!(self.choose_compute_limit(&request), self.fetch_blockhash())?;

        let mut retries_left = options.expiry_retries;
        loop {
            let (blockhash, last_valid_height) = latest;
            let (transaction, signature) = request.build_signed(units, blockhash)?;
            match self.deliver_transaction(&transaction, signature, last_valid_height).await? {
                Delivery::Landed { slot, result: Ok(()) } => {
                    self.newest_slot.note_slot(slot);
                    return Ok(Confirmation { signature, slot, latency: begun.elapsed() });
                }
                Delivery::Landed { result: Err(error), .. } => {
                    let logs = self.fetch_logs(&signature).await;
                    return Err(request.to_failure(error, logs, Some(signature)));
                }
                Delivery::Expired if retries_left == 0 => {
                    return Err(ClientError::Expired { signature });
                }
                Delivery::Expired => retries_left -= 1,
            }
            latest = self.fetch_blockhash().await?;
        }
    }

    /// Simulates a transaction, and returns the compute units that it uses.
    ///
    /// # Errors
    /// If the transaction would fail, or cannot be built or simulated.
    pub async fn simulate_transaction(
        &self,
        instructions: &[Instruction],
        payer: &(dyn Signer + Sync),
    ) -> Result<u64, ClientError> {
        let options = SendOptions::default();
        let request = TransactionRequest { instructions, payer, signers: &[], options: &options };
        self.simulate_request(&request).await
    }

    async fn simulate_request(&self, request: &TransactionRequest<'_>) -> Result<u64, ClientError> {
        let transaction = request.build_unsigned()?;
        let config = RpcSimulateTransactionConfig {
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            min_context_slot: self.newest_slot.min_context(),
            ..RpcSimulateTransactionConfig::default()
        };
        let simulate = || self.rpc.simulate_transaction_with_config(&transaction, config.clone());
        let outcome = self.call_node("simulating a transaction", simulate).await?.value;

        match outcome.err {
            None => Ok(outcome.units_consumed.unwrap_or_else(|| u64::from(MAX_COMPUTE_UNITS))),
            Some(error) => {
                Err(request.to_failure(error.into(), outcome.logs.unwrap_or_default(), None))
            }
        }
    }

    /// Returns the compute limit to request.
    async fn choose_compute_limit(
        &self,
        request: &TransactionRequest<'_>,
    ) -> Result<u32, ClientError> {
        if let Some(units) = request.options.compute_units {
            return Ok(units);
        }

        let used = self.simulate_request(request).await?;
        let wanted = used.saturating_add(used / SPARE_DIVISOR).saturating_add(SPARE_UNITS);
        Ok(u32::try_from(wanted).unwrap_or(MAX_COMPUTE_UNITS).min(MAX_COMPUTE_UNITS))
    }

    /// Returns the latest blockhash, and the last block height at which it is valid.
    async fn fetch_blockhash(&self) -> Result<(Hash, u64), ClientError> {
        let fetch = || self.rpc.get_latest_blockhash_with_commitment(self.commitment);
        self.call_node("requesting a blockhash", fetch).await
    }
}

impl TransactionRequest<'_> {
    /// The error of this transaction after it failed.
    fn to_failure(
        &self,
        error: TransactionError,
        logs: Vec<String>,
        signature: Option<Signature>,
    ) -> ClientError {
        ClientError::from_failure(FailedTransaction {
            error,
            logs,
            signature,
            programs: &self.caller_programs(),
            prefix_len: self.prefix_len(),
        })
    }
}

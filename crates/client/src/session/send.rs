//! Sends transactions: simulates, signs and delivers, and signs again only after the first
//! signature has expired, or if the transaction had no effect because its accounts have grown.

use std::time::Instant;

use solana_hash::Hash;
use solana_instruction::{Instruction, error::InstructionError};
use solana_rpc_client_api::client_error::TransactionError;
use solana_signature::Signature;
use solana_signer::Signer;

use super::{
    Session,
    confirm::Delivery,
    message::{Limits, MAX_COMPUTE_UNITS, Signers, TransactionRequest},
    receipt::{Confirmation, Receipt},
};
use crate::error::{ClientError, FailedTransaction};

/// Options of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendOptions {
    /// Compute units to request. `None` simulates first, and requests a tenth and 5,000 more than
    /// the simulation used; and a limit of loaded bytes that is a quarter and at least 64 KiB above
    /// those of the simulation. A number skips the simulation, which saves a round trip; but then a
    /// transaction that fails costs its fee, and a leader reserves the cost of 64 MiB for it, which
    /// lowers its priority.
    pub compute_units: Option<u32>,
    /// Priority fee in micro-lamports per compute unit.
    pub priority_micro_lamports: u64,
    /// How often to sign and send again after the transaction expired without landing. Zero signs
    /// once, also if its accounts have grown.
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
    /// A transaction that fails because it needs more loaded bytes or compute units than the
    /// simulation did is sent once more without that limit, unless [`SendOptions::expiry_retries`]
    /// is zero.
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
        let (mut limits, mut latest) =
            tokio::try_join!(self.choose_limits(&request), self.fetch_blockhash())?;

        let mut retries_left = options.expiry_retries;
        let may_sign_again = options.expiry_retries > 0;
        loop {
            let (blockhash, last_valid_height) = latest;
            let (transaction, signature) = request.build_signed(limits, blockhash)?;
            match self.deliver_transaction(&transaction, signature, last_valid_height).await? {
                Delivery::Landed { slot, result: Ok(()) } => {
                    self.newest_slot.note_slot(slot);
                    return Ok(Confirmation { signature, slot, latency: begun.elapsed() });
                }
                // Since the simulation its accounts have grown beyond the limit. It had no effect
                // but its fee. Another simulation could find the same number.
                Delivery::Landed {
                    result: Err(TransactionError::MaxLoadedAccountsDataSizeExceeded),
                    ..
                } if may_sign_again && limits.loaded_bytes.is_some() => {
                    limits.loaded_bytes = None;
                }
                // Or others have made its path longer, such as by more entries in a queue.
                Delivery::Landed { result: Err(error), .. }
                    if may_sign_again
                        && options.compute_units.is_none()
                        && limits.units < MAX_COMPUTE_UNITS
                        && may_lack_units(&error) =>
                {
                    limits.units = MAX_COMPUTE_UNITS;
                }
                Delivery::Landed { result: Err(error), .. } => {
                    let logs = self.fetch_logs(&signature).await;
                    return Err(request.to_failure(error, logs, Some(signature), limits));
                }
                Delivery::Expired if retries_left == 0 => {
                    return Err(ClientError::Expired { signature });
                }
                Delivery::Expired => retries_left -= 1,
            }
            latest = self.fetch_blockhash().await?;
        }
    }

    /// Returns the latest blockhash, and the last block height at which it is valid.
    async fn fetch_blockhash(&self) -> Result<(Hash, u64), ClientError> {
        let fetch = || self.rpc.get_latest_blockhash_with_commitment(self.commitment);
        self.call_node("requesting a blockhash", fetch).await
    }
}

/// Whether the transaction may have used all its compute units. A program that crashes for another
/// reason fails alike, and the second time as well.
const fn may_lack_units(error: &TransactionError) -> bool {
    matches!(
        error,
        TransactionError::InstructionError(
            _,
            InstructionError::ComputationalBudgetExceeded
                | InstructionError::ProgramFailedToComplete
        )
    )
}

impl TransactionRequest<'_> {
    /// The error of this transaction after it failed with these limits.
    pub(super) fn to_failure(
        &self,
        error: TransactionError,
        logs: Vec<String>,
        signature: Option<Signature>,
        limits: Limits,
    ) -> ClientError {
        ClientError::from_failure(FailedTransaction {
            error,
            logs,
            signature,
            programs: &self.caller_programs(),
            prefix_len: self.prefix_len(limits),
        })
    }
}

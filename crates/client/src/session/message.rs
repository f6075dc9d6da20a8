//! Compiles and signs transactions.

use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::{VersionedMessage, v0};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use super::{SendOptions, loaded_limit::MAX_LOADED_BYTES};
use crate::error::ClientError;

/// Bytes of a transaction that fit into a packet.
const PACKET_BYTES: usize = 1232;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;
/// Bytes of the number of signatures.
const COUNT_BYTES: usize = 1;
/// The most compute units that a transaction may use; the limit in the simulation.
pub(super) const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// The limits that a transaction requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Compute units.
    pub units: u32,
    /// Bytes of accounts and of the code of programs; `None` requests no such limit.
    pub loaded_bytes: Option<u32>,
}

impl Limits {
    /// The limits in the simulation. It has both instructions, because each uses compute units.
    const MOST: Self = Self { units: MAX_COMPUTE_UNITS, loaded_bytes: Some(MAX_LOADED_BYTES) };
}

/// The signers of a transaction, beside the payer.
pub type Signers<'a> = &'a [&'a (dyn Signer + Sync)];

/// A transaction to send.
pub(super) struct TransactionRequest<'a> {
    pub instructions: &'a [Instruction],
    pub payer: &'a (dyn Signer + Sync),
    pub signers: Signers<'a>,
    pub options: &'a SendOptions,
}

impl TransactionRequest<'_> {
    /// The number of instructions before the caller's: the compute limit, the limit of loaded bytes
    /// if there is one, and the compute price unless it is zero.
    pub(super) const fn prefix_len(&self, limits: Limits) -> usize {
        let has_loaded_limit = limits.loaded_bytes.is_some();
        let has_price = self.options.priority_micro_lamports != 0;

        1 + has_loaded_limit as usize + has_price as usize
    }

    /// The programs of the caller's instructions.
    pub(super) fn caller_programs(&self) -> Vec<Address> {
        self.instructions.iter().map(|instruction| instruction.program_id).collect()
    }

    fn compile_message(
        &self,
        limits: Limits,
        blockhash: Hash,
    ) -> Result<VersionedMessage, ClientError> {
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(limits.units)];
        if let Some(bytes) = limits.loaded_bytes {
            all.push(ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(bytes));
        }
        if self.options.priority_micro_lamports != 0 {
            all.push(ComputeBudgetInstruction::set_compute_unit_price(
                self.options.priority_micro_lamports,
            ));
        }
        all.extend_from_slice(self.instructions);

        let message = v0::Message::try_compile(&self.payer.pubkey(), &all, &[], blockhash)
            .map_err(|error| ClientError::Request {
                what: format!("the instructions do not form a valid transaction: {error}"),
            })?;
        Ok(VersionedMessage::V0(message))
    }

    /// Builds the transaction without valid signatures, for the simulation. Returns it with the
    /// limits that it requests: without that of loaded bytes if it only fits into a packet so.
    pub(super) fn build_unsigned(&self) -> Result<(VersionedTransaction, Limits), ClientError> {
        match self.fill_packet(Limits::MOST) {
            Err(ClientError::TooLarge { .. }) => {
                self.fill_packet(Limits { loaded_bytes: None, ..Limits::MOST })
            }
            built => built,
        }
    }

    fn fill_packet(&self, limits: Limits) -> Result<(VersionedTransaction, Limits), ClientError> {
        let message = self.compile_message(limits, Hash::default())?;

        let count = usize::from(message.header().num_required_signatures);
        let bytes = COUNT_BYTES + count * SIGNATURE_BYTES + message.serialize().len();
        if bytes > PACKET_BYTES {
            return Err(ClientError::TooLarge { bytes, limit: PACKET_BYTES });
        }

        let signatures = vec![Signature::default(); count];
        Ok((VersionedTransaction { signatures, message }, limits))
    }

    /// Builds and signs the transaction. Returns it with its first signature, which identifies it.
    pub(super) fn build_signed(
        &self,
        limits: Limits,
        blockhash: Hash,
    ) -> Result<(VersionedTransaction, Signature), ClientError> {
        let message = self.compile_message(limits, blockhash)?;

        let bytes = message.serialize();
        let required = usize::from(message.header().num_required_signatures);
        let signatures: Vec<Signature> = message
            .static_account_keys()
            .iter()
            .take(required)
            .map(|address| self.sign_message(address, &bytes))
            .collect::<Result<_, _>>()?;

        let first = signatures.first().copied().unwrap_or_default();
        Ok((VersionedTransaction { signatures, message }, first))
    }

    fn sign_message(&self, address: &Address, bytes: &[u8]) -> Result<Signature, ClientError> {
        let mut signers = std::iter::once(&self.payer).chain(self.signers);
        let signer = signers
            .find(|signer| signer.pubkey() == *address)
            .ok_or(ClientError::MissingSigner { address: *address })?;

        signer.try_sign_message(bytes).map_err(|error| ClientError::Request {
            what: format!("`{address}` cannot sign: {error}; check its keypair"),
        })
    }
}

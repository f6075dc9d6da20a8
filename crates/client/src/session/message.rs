//! Compiles and signs transactions.

use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::{VersionedMessage, v0};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use super::SendOptions;
use crate::error::ClientError;

/// Bytes of a transaction that fit into a packet.
const PACKET_BYTES: usize = 1232;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 64;
/// Bytes of the number of signatures.
const COUNT_BYTES: usize = 1;
/// The most compute units that a transaction may use; the limit in the simulation.
pub(super) const MAX_COMPUTE_UNITS: u32 = 1_400_000;

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
    /// The number of instructions before the caller's: the compute limit, and the compute price
    /// unless it is zero.
    pub(super) const fn prefix_len(&self) -> usize {
        if self.options.priority_micro_lamports == 0 { 1 } else { 2 }
    }

    /// The programs of the caller's instructions.
    pub(super) fn caller_programs(&self) -> Vec<Address> {
        self.instructions.iter().map(|instruction| instruction.program_id).collect()
    }

    fn compile_message(
        &self,
        units: u32,
        blockhash: Hash,
    ) -> Result<VersionedMessage, ClientError> {
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(units)];
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

    /// Builds the transaction without valid signatures, for the simulation.
    pub(super) fn build_unsigned(&self) -> Result<VersionedTransaction, ClientError> {
        let message = self.compile_message(MAX_COMPUTE_UNITS, Hash::default())?;

        let count = usize::from(message.header().num_required_signatures);
        let bytes = COUNT_BYTES + count * SIGNATURE_BYTES + message.serialize().len();
        if bytes > PACKET_BYTES {
            return Err(ClientError::TooLarge { bytes, limit: PACKET_BYTES });
        }

        Ok(VersionedTransaction { signatures: vec![Signature::default(); count], message })
    }

    /// Builds and signs the transaction. Returns it with its first signature, which identifies it.
    pub(super) fn build_signed(
        &self,
        units: u32,
        blockhash: Hash,
    ) -> Result<(VersionedTransaction, Signature), ClientError> {
        let message = self.compile_message(units, blockhash)?;

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

#[cfg(test)]
mod tests {
    use solana_hash::Hash;
    use solana_keypair::Keypair;
    use solana_signer::Signer;
    use solana_system_interface::instruction::transfer;

    use super::{SendOptions, TransactionRequest};
    use crate::error::ClientError;

    #[test]
    fn every_required_signer_signs() {
        let [payer, other] = std::array::from_fn(|_| Keypair::new());
        let instructions = [transfer(&other.pubkey(), &payer.pubkey(), 1)];
        let options = SendOptions { priority_micro_lamports: 7, ..SendOptions::default() };
        let request = TransactionRequest {
            instructions: &instructions,
            payer: &payer,
            signers: &[&other],
            options: &options,
        };

        let (transaction, first) = request.build_signed(1000, Hash::default()).unwrap();
        assert_eq!(transaction.verify_with_results(), [true, true]);
        assert_eq!(transaction.signatures.first(), Some(&first));
        assert_eq!(transaction.message.instructions().len(), 1 + request.prefix_len());

        let request = TransactionRequest { signers: &[], ..request };
        let missing = request.build_signed(1000, Hash::default()).unwrap_err();
        assert!(
            matches!(missing, ClientError::MissingSigner { address } if address == other.pubkey()),
            "{missing}"
        );
    }

    #[test]
    fn too_large_transactions_are_rejected() {
        let payer = Keypair::new();
        let instructions: Vec<_> =
            (0..40).map(|_| transfer(&payer.pubkey(), &Keypair::new().pubkey(), 1)).collect();
        let options = SendOptions::default();
        let request = TransactionRequest {
            instructions: &instructions,
            payer: &payer,
            signers: &[],
            options: &options,
        };
        assert!(matches!(
            request.build_unsigned(),
            Err(ClientError::TooLarge { bytes: 1233.., limit: 1232 })
        ));
    }
}

//! Instructions made into a signed transaction.

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
const PACKET: usize = 1232;
/// Bytes of a signature.
const SIGNATURE: usize = 64;
/// Bytes that tell the number of signatures.
const COUNT: usize = 1;
/// What a transaction may use at most; what the simulation is given.
pub(super) const MOST_UNITS: u32 = 1_400_000;

/// Who signs: keypairs, or whatever can sign. The payer need not be named twice.
pub type Signers<'a> = &'a [&'a (dyn Signer + Sync)];

/// What is to be sent.
pub(super) struct Request<'a> {
    pub instructions: &'a [Instruction],
    pub payer: &'a (dyn Signer + Sync),
    pub signers: Signers<'a>,
    pub options: &'a SendOptions,
}

impl Request<'_> {
    /// Instructions of ours that precede the caller's: the compute limit, and the price where there
    /// is one.
    pub(super) const fn own(&self) -> usize {
        if self.options.priority_micro_lamports == 0 { 1 } else { 2 }
    }

    /// Programs of the caller's instructions.
    pub(super) fn programs(&self) -> Vec<Address> {
        self.instructions.iter().map(|instruction| instruction.program_id).collect()
    }

    fn message(&self, units: u32, blockhash: Hash) -> Result<VersionedMessage, ClientError> {
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(units)];
        if self.options.priority_micro_lamports != 0 {
            all.push(ComputeBudgetInstruction::set_compute_unit_price(
                self.options.priority_micro_lamports,
            ));
        }
        all.extend_from_slice(self.instructions);
        let message = v0::Message::try_compile(&self.payer.pubkey(), &all, &[], blockhash)
            .map_err(|error| ClientError::Request {
                what: format!("the instructions make no transaction: {error}"),
            })?;
        Ok(VersionedMessage::V0(message))
    }

    /// The transaction without valid signatures, for the simulation.
    pub(super) fn unsigned(&self) -> Result<VersionedTransaction, ClientError> {
        let message = self.message(MOST_UNITS, Hash::default())?;
        let count = usize::from(message.header().num_required_signatures);
        let bytes = COUNT + count * SIGNATURE + message.serialize().len();
        if bytes > PACKET {
            return Err(ClientError::TooLarge { bytes, limit: PACKET });
        }
        Ok(VersionedTransaction { signatures: vec![Signature::default(); count], message })
    }

    /// The transaction, signed. Its first signature is its name.
    pub(super) fn signed(
        &self,
        units: u32,
        blockhash: Hash,
    ) -> Result<(VersionedTransaction, Signature), ClientError> {
        let message = self.message(units, blockhash)?;
        let bytes = message.serialize();
        let required = usize::from(message.header().num_required_signatures);
        let signatures: Vec<Signature> = message
            .static_account_keys()
            .iter()
            .take(required)
            .map(|address| self.sign(address, &bytes))
            .collect::<Result<_, _>>()?;
        let name = signatures.first().copied().unwrap_or_default();
        Ok((VersionedTransaction { signatures, message }, name))
    }

    fn sign(&self, address: &Address, bytes: &[u8]) -> Result<Signature, ClientError> {
        let all = std::iter::once(&self.payer).chain(self.signers);
        let signer = all.into_iter().find(|signer| signer.pubkey() == *address);
        signer
            .ok_or(ClientError::MissingSigner { address: *address })?
            .try_sign_message(bytes)
            .map_err(|error| ClientError::Request {
                what: format!("{address} cannot sign: {error}"),
            })
    }
}

#[cfg(test)]
mod tests {
    use solana_hash::Hash;
    use solana_keypair::Keypair;
    use solana_signer::Signer;
    use solana_system_interface::instruction::transfer;

    use super::{Request, SendOptions};
    use crate::error::ClientError;

    #[test]
    fn signs_for_everybody_who_must() {
        let (payer, other) = (Keypair::new(), Keypair::new());
        let instructions = [transfer(&other.pubkey(), &payer.pubkey(), 1)];
        let options = SendOptions { priority_micro_lamports: 7, ..SendOptions::default() };
        let request = Request {
            instructions: &instructions,
            payer: &payer,
            signers: &[&other],
            options: &options,
        };
        let (transaction, name) = request.signed(1000, Hash::default()).unwrap();
        assert_eq!(transaction.verify_with_results(), [true, true]);
        assert_eq!(transaction.signatures.first(), Some(&name));
        assert_eq!(transaction.message.instructions().len(), 1 + request.own());

        let request = Request { signers: &[], ..request };
        let missing = request.signed(1000, Hash::default()).unwrap_err();
        assert!(
            matches!(missing, ClientError::MissingSigner { address } if address == other.pubkey()),
            "{missing}"
        );
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let payer = Keypair::new();
        let instructions: Vec<_> =
            (0..40).map(|_| transfer(&payer.pubkey(), &Keypair::new().pubkey(), 1)).collect();
        let options = SendOptions::default();
        let request =
            Request { instructions: &instructions, payer: &payer, signers: &[], options: &options };
        assert!(matches!(
            request.unsigned(),
            Err(ClientError::TooLarge { bytes: 1233.., limit: 1232 })
        ));
    }
}

//! What a transaction takes of a block, besides compute units.

use solana_message::Message;
use solana_transaction::Transaction;

/// Compute units that a leader charges for a signature.
const UNITS_PER_SIGNATURE: u64 = 720;
/// Compute units that a leader charges for an account that is written.
const UNITS_PER_WRITE_LOCK: u64 = 300;
/// Bytes of instruction data for one compute unit.
const DATA_BYTES_PER_UNIT: u64 = 4;
/// The most bytes of a transaction on the wire.
pub const MAX_TRANSACTION_BYTES: usize = 1_232;

/// The size of a transaction. The block's costs are those of Agave's cost model, without the loaded
/// bytes, which the sender requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Bytes on the wire.
    pub bytes: u64,
    /// Accounts, the payer and the programs included.
    pub accounts: u64,
    /// Accounts that are locked for writing.
    pub writable: u64,
    /// Signatures.
    pub signatures: u64,
    /// Bytes of instruction data.
    pub data_bytes: u64,
}

impl Footprint {
    /// The footprint of a signed transaction.
    pub fn of(transaction: &Transaction) -> Self {
        let message = &transaction.message;
        let signatures = transaction.signatures.len() as u64;
        // A length byte, and 64 bytes for each signature, before the message.
        let bytes = 1 + 64 * signatures + message.serialize().len() as u64;
        let data = message.instructions.iter().map(|instruction| instruction.data.len() as u64);

        Self {
            bytes,
            accounts: message.account_keys.len() as u64,
            writable: count_writable(message),
            signatures,
            data_bytes: data.sum(),
        }
    }

    /// What a leader charges for the transaction, with the units that it uses.
    pub const fn block_units(&self, units: u64) -> u64 {
        self.signatures * UNITS_PER_SIGNATURE
            + self.writable * UNITS_PER_WRITE_LOCK
            + self.data_bytes / DATA_BYTES_PER_UNIT
            + units
    }
}

fn count_writable(message: &Message) -> u64 {
    (0..message.account_keys.len())
        .filter(|index| {
            message.is_maybe_writable_with_reserved_addresses(
                *index,
                None::<&std::collections::HashSet<_>>,
            )
        })
        .count() as u64
}

//! The past transactions of an account.

use futures_util::{StreamExt, TryStreamExt, stream};
use solana_address::Address;
use solana_message::VersionedMessage;
use solana_rpc_client::rpc_client::GetConfirmedSignaturesForAddress2Config;
use solana_signature::Signature;

use super::Session;
use crate::{
    error::ClientError,
    jobs,
    logs::{self, Event},
};

/// Signatures that nodes return per request.
const PAGE_SIZE: usize = 1_000;
/// The most requests for signatures. A service of a day has some thousand heartbeats.
const MAX_PAGES: usize = 20;
/// Requests for details that are under way at once.
const PARALLEL_REQUESTS: usize = 4;

/// A confirmed transaction that names an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastTransaction {
    /// Its first signature, which identifies it.
    pub signature: Signature,
    /// The slot of its block.
    pub slot: u64,
    /// Unix timestamp of its block; `None` if the node does not know it.
    pub at: Option<i64>,
}

/// What a past transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionDetails {
    /// The transaction.
    pub transaction: PastTransaction,
    /// Who signed and paid for it.
    pub payer: Address,
    /// The names of the jobs program's instructions that name the account.
    pub instructions: Vec<&'static str>,
    /// The events of the Nosana programs, in order.
    pub events: Vec<Event>,
}

impl Session {
    /// Lists the transactions that name an account and succeeded, the oldest first. Nodes delete
    /// old transactions, so the first ones may be missing.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn list_transactions(
        &self,
        address: &Address,
    ) -> Result<Vec<PastTransaction>, ClientError> {
        let mut found = Vec::new();
        let mut before = None;

        for _ in 0..MAX_PAGES {
            let config = || GetConfirmedSignaturesForAddress2Config {
                before,
                until: None,
                limit: Some(PAGE_SIZE),
                commitment: Some(self.stored_commitment()),
            };
            let fetch = || self.rpc.get_signatures_for_address_with_config(address, config());
            let page = self.call_node("listing transactions", fetch).await?;

            before = page.last().and_then(|status| status.signature.parse().ok());
            let is_last = page.len() < PAGE_SIZE || before.is_none();
            found.extend(page.into_iter().filter(|status| status.err.is_none()).filter_map(
                |status| {
                    let signature = status.signature.parse().ok()?;
                    Some(PastTransaction { signature, slot: status.slot, at: status.block_time })
                },
            ));
            if is_last {
                break;
            }
        }

        found.reverse();
        Ok(found)
    }

    /// Reads what transactions did that name `address`, in their order. Leaves out those that the
    /// node has deleted.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn fetch_transactions(
        &self,
        address: &Address,
        transactions: &[PastTransaction],
    ) -> Result<Vec<TransactionDetails>, ClientError> {
        let requests = transactions.iter().map(|past| self.find_details(address, *past));
        let found: Vec<_> =
            stream::iter(requests).buffered(PARALLEL_REQUESTS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn find_details(
        &self,
        address: &Address,
        past: PastTransaction,
    ) -> Result<Option<TransactionDetails>, ClientError> {
        let Some(found) = self.find_transaction(&past.signature).await? else { return Ok(None) };
        let Some(decoded) = found.transaction.transaction.decode() else { return Ok(None) };

        let logs: Vec<String> = found
            .transaction
            .meta
            .and_then(|meta| Option::from(meta.log_messages))
            .unwrap_or_default();
        Ok(Some(TransactionDetails {
            transaction: past,
            payer: decoded.message.static_account_keys().first().copied().unwrap_or_default(),
            instructions: instruction_names(&decoded.message, address),
            events: logs::decode_events(&logs),
        }))
    }
}

/// Returns the names of the jobs program's instructions that name `address`.
fn instruction_names(message: &VersionedMessage, address: &Address) -> Vec<&'static str> {
    let keys = message.static_account_keys();
    let key_at = |index: u8| keys.get(usize::from(index));

    let named = message.instructions().iter().filter(|instruction| {
        key_at(instruction.program_id_index) == Some(&jobs::ID)
            && instruction.accounts.iter().any(|index| key_at(*index) == Some(address))
    });
    named.filter_map(|instruction| jobs::instructions::find_name(&instruction.data)).collect()
}

#[cfg(test)]
mod tests {
    use solana_hash::Hash;
    use solana_instruction::Instruction;
    use solana_message::v0;

    use super::*;
    use crate::{actions, pda};

    #[test]
    fn only_instructions_that_name_the_account_are_listed() {
        let [client, market, mint] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
        let listing = |nonce| actions::JobListing {
            nonce,
            definition: [0; 32],
            kind: 0,
            timeout_seconds: 1,
            max_price_per_second: 1,
            is_private: false,
        };
        let instructions: Vec<Instruction> = [7, 8]
            .map(|nonce| actions::list(client, client, market, mint, listing(nonce)).into())
            .into();
        let message = v0::Message::try_compile(&client, &instructions, &[], Hash::default());
        let message = VersionedMessage::V0(message.unwrap());

        assert_eq!(instruction_names(&message, &pda::jobs::job(&client, 7)), ["list"]);
        assert_eq!(instruction_names(&message, &client), ["list", "list"]);
        assert_eq!(instruction_names(&message, &pda::jobs::job(&client, 9)), [""; 0]);
    }
}

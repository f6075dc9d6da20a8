//! Finding the token that opens a market to its holder.

use nosana_protocol::metadata;
use serde_json::json;
use solana_address::Address;
use solana_rpc_client_api::{
    request::RpcRequest,
    response::{Response, RpcKeyedAccount},
};

use super::Session;
use crate::{error::ClientError, jobs::instructions as jobs, pda, token};

/// Accounts that RPC servers return at a time.
const AT_A_TIME: usize = 100;

/// A token of a market's access collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The holder's token account.
    pub token: Address,
    /// The metadata that names the collection.
    pub metadata: Address,
}

impl Session {
    /// A token of `holder` whose metadata names `collection`, verified; `None` if there is none.
    ///
    /// Asks for all token accounts of the holder, so ask for it only where a market or job names a
    /// collection.
    pub async fn find_access(
        &self,
        holder: &Address,
        collection: &Address,
    ) -> Result<Option<Access>, ClientError> {
        let held = self.held_mints(holder).await?;
        for some in held.chunks(AT_A_TIME) {
            let addresses: Vec<Address> =
                some.iter().map(|(_, mint)| pda::metadata(mint)).collect();
            let fetch =
                || self.rpc.get_multiple_accounts_with_commitment(&addresses, self.commitment);
            let found = self.call("reading the metadata of tokens", fetch).await?.value;
            for (((token, mint), metadata), account) in some.iter().zip(&addresses).zip(found) {
                let of_collection = account.is_some_and(|account| {
                    account.owner.to_bytes() == metadata::PROGRAM
                        && metadata::collection_of(&account.data, mint.as_array())
                            == Some(collection.to_bytes())
                });
                if of_collection {
                    return Ok(Some(Access { token: *token, metadata: *metadata }));
                }
            }
        }
        Ok(None)
    }

    /// The holder's token accounts that are not empty, and their mints.
    async fn held_mints(&self, holder: &Address) -> Result<Vec<(Address, Address)>, ClientError> {
        let asked = json!([
            holder.to_string(),
            { "programId": token::PROGRAM.to_string() },
            { "encoding": "base64", "commitment": self.commitment.commitment.to_string() },
        ]);
        let fetch = || {
            let request = RpcRequest::GetTokenAccountsByOwner;
            self.rpc.send::<Response<Vec<RpcKeyedAccount>>>(request, asked.clone())
        };
        let found = self.call("listing token accounts", fetch).await?.value;
        let held = found.into_iter().filter_map(|keyed| {
            let account = token::read_account(&keyed.account.data.decode()?).ok()?;
            (account.amount > 0).then_some((keyed.pubkey.parse().ok()?, account.mint))
        });
        Ok(held.collect())
    }
}

impl jobs::Work {
    /// Shows a token of the market's access collection.
    #[must_use]
    pub fn with_access(self, access: Option<Access>) -> Self {
        let (access_token, access_metadata) =
            (access.map(|it| it.token), access.map(|it| it.metadata));
        Self { access_token, access_metadata, ..self }
    }
}

impl jobs::Start {
    /// Shows a token of the access collection that the job names.
    #[must_use]
    pub fn with_access(self, access: Option<Access>) -> Self {
        let (access_token, access_metadata) =
            (access.map(|it| it.token), access.map(|it| it.metadata));
        Self { access_token, access_metadata, ..self }
    }
}

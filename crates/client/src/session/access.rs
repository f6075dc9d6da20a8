//! Finds the token that gives its holder access to a market.

use nosana_protocol::metadata;
use serde_json::json;
use solana_address::Address;
use solana_rpc_client_api::{
    config::UiAccountEncoding,
    request::RpcRequest,
    response::{Response, RpcKeyedAccount},
};

use super::Session;
use crate::{error::ClientError, jobs::instructions as jobs, pda, token};

/// Accounts that RPC nodes return per request.
const MAX_ACCOUNTS: usize = 100;

/// A token of the access collection of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The holder's token account.
    pub token: Address,
    /// The metadata that names the collection.
    pub metadata: Address,
}

impl Session {
    /// Returns a token of `holder` whose metadata names `collection` and is verified; `None` if
    /// `holder` has no such token.
    ///
    /// This lists all token accounts of the holder: call it only if the market or the job names a
    /// collection.
    ///
    /// # Errors
    /// If the node cannot be read.
    pub async fn find_access(
        &self,
        holder: &Address,
        collection: &Address,
    ) -> Result<Option<AccessToken>, ClientError> {
        let held = self.held_mints(holder).await?;

        for batch in held.chunks(MAX_ACCOUNTS) {
            let addresses: Vec<Address> =
                batch.iter().map(|(_, mint)| pda::metadata(mint)).collect();
            let config = self.read_config(UiAccountEncoding::Base64Zstd);
            let fetch =
                || self.rpc.get_multiple_ui_accounts_with_config(&addresses, config.clone());
            let found = self.call_node("reading the metadata of tokens", fetch).await?.value;
            for (((token, mint), metadata), account) in batch.iter().zip(&addresses).zip(found) {
                let account = account.and_then(|account| account.to_account());
                let is_member = account.is_some_and(|account| {
                    account.owner.to_bytes() == metadata::PROGRAM
                        && metadata::collection_of(&account.data, mint.as_array())
                            == Some(collection.to_bytes())
                });
                if is_member {
                    return Ok(Some(AccessToken { token: *token, metadata: *metadata }));
                }
            }
        }

        Ok(None)
    }

    /// Returns the holder's token accounts that are not empty, and their mints.
    async fn held_mints(&self, holder: &Address) -> Result<Vec<(Address, Address)>, ClientError> {
        let params = json!([
            holder.to_string(),
            { "programId": token::PROGRAM.to_string() },
            self.read_config(UiAccountEncoding::Base64),
        ]);
        let fetch = || {
            let request = RpcRequest::GetTokenAccountsByOwner;
            self.rpc.send::<Response<Vec<RpcKeyedAccount>>>(request, params.clone())
        };
        let found = self.call_node("listing token accounts", fetch).await?.value;

        let held = found.into_iter().filter_map(|keyed| {
            let account = token::read_account(&keyed.account.data.decode()?).ok()?;
            (account.amount > 0).then_some((keyed.pubkey.parse().ok()?, account.mint))
        });
        Ok(held.collect())
    }
}

impl jobs::Work {
    /// Presents a token of the market's access collection.
    #[must_use]
    pub fn with_access(self, access: Option<AccessToken>) -> Self {
        Self {
            access_token: access.map(|access| access.token),
            access_metadata: access.map(|access| access.metadata),
            ..self
        }
    }
}

impl jobs::Start {
    /// Presents a token of the access collection that the job names.
    #[must_use]
    pub fn with_access(self, access: Option<AccessToken>) -> Self {
        Self {
            access_token: access.map(|access| access.token),
            access_metadata: access.map(|access| access.metadata),
            ..self
        }
    }
}

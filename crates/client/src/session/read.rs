//! Reads accounts.

use serde_json::json;
use solana_account::Account;
use solana_address::Address;
use solana_rpc_client_api::{
    config::{RpcAccountInfoConfig, RpcProgramAccountsConfig, UiAccountEncoding},
    filter::{Memcmp, RpcFilterType},
    request::RpcRequest,
    response::{Response, UiAccount},
};

use super::Session;
use crate::{
    codec::{Decode, DecodeError, ProgramAccount, Reader},
    error::ClientError,
    token,
};

/// The sysvar with the cluster's time.
const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");

/// The most accounts that a node returns in one answer.
const MAX_ACCOUNTS: usize = 100;

/// The cluster's time, which differs from the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The slot.
    pub slot: u64,
    /// The epoch.
    pub epoch: u64,
    /// Unix seconds, as the validators agree on them.
    pub unix_timestamp: i64,
}

/// Bytes that an account's data must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Offset in the account's data, such as `Job::CLIENT_OFFSET`.
    pub offset: usize,
    /// The bytes at the offset.
    pub bytes: Vec<u8>,
}

impl Filter {
    /// Selects accounts that have these bytes at this offset.
    pub fn new(offset: usize, bytes: impl AsRef<[u8]>) -> Self {
        Self { offset, bytes: bytes.as_ref().to_vec() }
    }
}

impl Session {
    /// Reads an account without decoding its data; `None` if it does not exist.
    ///
    /// # Errors
    /// If the node cannot be read.
    pub async fn fetch_raw_account(
        &self,
        address: &Address,
    ) -> Result<Option<Account>, ClientError> {
        Ok(self.fetch_with_context(address).await?.value)
    }

    /// Returns the options of a read of accounts: it is not older than this session's last
    /// transaction.
    pub(super) fn read_config(&self, encoding: UiAccountEncoding) -> RpcAccountInfoConfig {
        RpcAccountInfoConfig {
            encoding: Some(encoding),
            commitment: Some(self.commitment),
            min_context_slot: self.newest_slot.min_context(),
            ..RpcAccountInfoConfig::default()
        }
    }

    /// Reads an account and the slot of the answer.
    ///
    /// The RPC client has a method for this, but that method turns every failure into an error that
    /// looks permanent, so that it would not be retried, and panics if the data cannot be decoded.
    pub(super) async fn fetch_with_context(
        &self,
        address: &Address,
    ) -> Result<Response<Option<Account>>, ClientError> {
        const DOING: &str = "reading an account";
        let config = self.read_config(UiAccountEncoding::Base64Zstd);
        let params = json!([address.to_string(), config]);
        let fetch = || {
            self.rpc.send::<Response<Option<UiAccount>>>(RpcRequest::GetAccountInfo, params.clone())
        };
        let Response { context, value } = self.call_node(DOING, fetch).await?;

        let value = value.map(|account| decode_answer(DOING, address, &account)).transpose()?;
        Ok(Response { context, value })
    }

    /// Reads an account of one of the Nosana programs.
    ///
    /// # Errors
    /// If the account does not exist, has another type, or cannot be read.
    pub async fn fetch_account<T: ProgramAccount>(
        &self,
        address: &Address,
    ) -> Result<T, ClientError> {
        let found = self.find_account(address).await?;
        found.ok_or(ClientError::NoAccount { what: T::NAME, address: *address })
    }

    /// Reads an account of one of the Nosana programs; `None` if it does not exist or was closed.
    ///
    /// # Errors
    /// If the account has another type, or cannot be read.
    pub async fn find_account<T: ProgramAccount>(
        &self,
        address: &Address,
    ) -> Result<Option<T>, ClientError> {
        let account = self.fetch_raw_account(address).await?;
        account.map_or(Ok(None), |account| decode_account(address, &account))
    }

    /// Reads accounts of one type, a hundred with each request. Returns what was found for each
    /// address, in this order: an account that cannot be decoded hides no other one. Some nodes
    /// read fewer accounts at once, and reject the request.
    ///
    /// # Errors
    /// If the accounts cannot be read.
    pub async fn find_accounts<T: ProgramAccount>(
        &self,
        addresses: &[Address],
    ) -> Result<Vec<Result<Option<T>, ClientError>>, ClientError> {
        const DOING: &str = "reading accounts";
        let mut all_found = Vec::with_capacity(addresses.len());

        for together in addresses.chunks(MAX_ACCOUNTS) {
            let keys: Vec<String> = together.iter().map(ToString::to_string).collect();
            let params = json!([keys, self.read_config(UiAccountEncoding::Base64Zstd)]);
            let fetch = || {
                self.rpc.send::<Response<Vec<Option<UiAccount>>>>(
                    RpcRequest::GetMultipleAccounts,
                    params.clone(),
                )
            };
            let Response { value: answers, .. } = self.call_node(DOING, fetch).await?;
            if answers.len() != together.len() {
                let message = format!("{} answers for {} accounts", answers.len(), together.len());
                return Err(ClientError::Refused { doing: DOING, message });
            }

            let found = together.iter().zip(answers).map(|(address, answer)| {
                let Some(answer) = answer else { return Ok(None) };
                decode_account(address, &decode_answer(DOING, address, &answer)?)
            });
            all_found.extend(found);
        }
        Ok(all_found)
    }

    /// Lists the accounts of a type that pass all filters. Nodes of busy clusters limit or forbid
    /// this request.
    ///
    /// # Errors
    /// If the accounts cannot be read or decoded.
    pub async fn list_accounts<T: ProgramAccount>(
        &self,
        filters: &[Filter],
    ) -> Result<Vec<(Address, T)>, ClientError> {
        let is_type = Filter::new(0, T::DISCRIMINATOR);
        let filters = std::iter::once(&is_type).chain(filters).map(|filter| {
            RpcFilterType::Memcmp(Memcmp::new_base58_encoded(filter.offset, &filter.bytes))
        });
        let config = RpcProgramAccountsConfig {
            filters: Some(filters.collect()),
            account_config: self.read_config(UiAccountEncoding::Base64),
            ..RpcProgramAccountsConfig::default()
        };
        let fetch = || self.rpc.get_program_ui_accounts_with_config(&T::PROGRAM, config.clone());
        let found = self.call_node("listing accounts", fetch).await?;

        let decoded = found.into_iter().map(|(address, account)| {
            let data = account.data.decode().unwrap_or_default();
            T::from_data(&data).map(|value| (address, value)).map_err(decode_error::<T>(&address))
        });
        decoded.collect()
    }

    /// Returns the base units in a token account.
    ///
    /// # Errors
    /// If the token account does not exist or cannot be read.
    pub async fn fetch_token_balance(&self, account: &Address) -> Result<u64, ClientError> {
        const WHAT: &str = "token account";
        let address = *account;
        let found = self.fetch_raw_account(account).await?;
        let found = found.ok_or(ClientError::NoAccount { what: WHAT, address })?;
        if found.owner != token::PROGRAM {
            return Err(ClientError::WrongOwner { what: WHAT, address, owner: found.owner });
        }

        let decode = |source| ClientError::Decode { what: WHAT, address, source };
        Ok(token::read_account(&found.data).map_err(decode)?.amount)
    }

    /// Returns the cluster's time.
    ///
    /// # Errors
    /// If the clock cannot be read.
    pub async fn fetch_clock(&self) -> Result<Clock, ClientError> {
        const WHAT: &str = "Clock";
        let address = CLOCK;
        let account = self.fetch_raw_account(&address).await?;
        let account = account.ok_or(ClientError::NoAccount { what: WHAT, address })?;

        let decode = |source| ClientError::Decode { what: WHAT, address, source };
        decode_clock(&account.data).map_err(decode)
    }

    /// Returns the lamports that an account of this many bytes must have to be rent-exempt.
    ///
    /// # Errors
    /// If the node does not answer.
    pub async fn fetch_rent(&self, bytes: usize) -> Result<u64, ClientError> {
        let fetch = || self.rpc.get_minimum_balance_for_rent_exemption(bytes);
        self.call_node("requesting the rent", fetch).await
    }
}

/// Decodes the encoding in which a node returns the data of an account.
fn decode_answer(
    doing: &'static str,
    address: &Address,
    answer: &UiAccount,
) -> Result<Account, ClientError> {
    answer.to_account().ok_or_else(|| ClientError::Refused {
        doing,
        message: format!("its data of the account `{address}` cannot be decoded"),
    })
}

/// Decodes an account of one of the Nosana programs. Returns `None` for a closed account, which has
/// no lamports or no data.
pub(super) fn decode_account<T: ProgramAccount>(
    address: &Address,
    account: &Account,
) -> Result<Option<T>, ClientError> {
    if account.lamports == 0 || account.data.is_empty() {
        return Ok(None);
    }
    if account.owner != T::PROGRAM {
        return Err(ClientError::WrongOwner {
            what: T::NAME,
            address: *address,
            owner: account.owner,
        });
    }

    T::from_data(&account.data).map(Some).map_err(decode_error::<T>(address))
}

fn decode_error<T: ProgramAccount>(address: &Address) -> impl Fn(DecodeError) -> ClientError {
    let address = *address;
    move |source| ClientError::Decode { what: T::NAME, address, source }
}

/// Decodes slot, start of the epoch, epoch, epoch of the leader schedule, and time.
fn decode_clock(data: &[u8]) -> Result<Clock, DecodeError> {
    let reader = &mut Reader::new(data);
    let slot = u64::decode_from(reader)?;
    let _epoch_start = i64::decode_from(reader)?;
    let epoch = u64::decode_from(reader)?;
    let _leader_schedule_epoch = u64::decode_from(reader)?;
    let unix_timestamp = i64::decode_from(reader)?;

    Ok(Clock { slot, epoch, unix_timestamp })
}

//! Reading accounts.

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

/// The sysvar that tells the chain's time.
const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");

/// The chain's time, which is not the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The slot.
    pub slot: u64,
    /// The epoch.
    pub epoch: u64,
    /// Unix seconds, as the validators agree on them.
    pub unix_timestamp: i64,
}

/// What an account's data must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Offset in the account's data; `Job::CLIENT_OFFSET` and its like.
    pub offset: usize,
    /// The bytes there.
    pub bytes: Vec<u8>,
}

impl Filter {
    /// Accounts that hold these bytes at this offset.
    pub fn new(offset: usize, bytes: impl AsRef<[u8]>) -> Self {
        Self { offset, bytes: bytes.as_ref().to_vec() }
    }
}

impl Session {
    /// The account, as it is; `None` if there is none.
    pub async fn raw_account(&self, address: &Address) -> Result<Option<Account>, ClientError> {
        Ok(self.fetch(address).await?.value)
    }

    /// The same, with the slot. The library's own reader turns every failure into one that looks
    /// like a refusal, so that it would not be tried again, and panics at data that cannot be
    /// decoded.
    pub(super) async fn fetch(
        &self,
        address: &Address,
    ) -> Result<Response<Option<Account>>, ClientError> {
        let config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64Zstd),
            commitment: Some(self.commitment),
            ..RpcAccountInfoConfig::default()
        };
        let asked = json!([address.to_string(), config]);
        let fetch = || {
            self.rpc.send::<Response<Option<UiAccount>>>(RpcRequest::GetAccountInfo, asked.clone())
        };
        let doing = "reading an account";
        let Response { context, value } = self.call(doing, fetch).await?;
        let decoded = |account: UiAccount| {
            let message = || format!("what it says of the account {address} cannot be decoded");
            account.to_account().ok_or_else(|| ClientError::Refused { doing, message: message() })
        };
        Ok(Response { context, value: value.map(decoded).transpose()? })
    }

    /// The account as a type of one of our programs.
    pub async fn account<T: ProgramAccount>(&self, address: &Address) -> Result<T, ClientError> {
        let found = self.find_account(address).await?;
        found.ok_or(ClientError::NoAccount { what: T::NAME, address: *address })
    }

    /// The same; `None` if there is none, or if it has been closed.
    pub async fn find_account<T: ProgramAccount>(
        &self,
        address: &Address,
    ) -> Result<Option<T>, ClientError> {
        let account = self.raw_account(address).await?;
        account.map_or(Ok(None), |account| read(address, &account))
    }

    /// All accounts of a type that pass all filters. Nodes limit or forbid this on busy clusters.
    pub async fn accounts<T: ProgramAccount>(
        &self,
        filters: &[Filter],
    ) -> Result<Vec<(Address, T)>, ClientError> {
        let kind = Filter::new(0, T::DISCRIMINATOR);
        let filters = std::iter::once(&kind).chain(filters);
        let filters = filters.map(|each| {
            RpcFilterType::Memcmp(Memcmp::new_base58_encoded(each.offset, &each.bytes))
        });
        let config = RpcProgramAccountsConfig {
            filters: Some(filters.collect()),
            account_config: RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(self.commitment),
                ..RpcAccountInfoConfig::default()
            },
            ..RpcProgramAccountsConfig::default()
        };
        let fetch = || self.rpc.get_program_ui_accounts_with_config(&T::PROGRAM, config.clone());
        let found = self.call("listing accounts", fetch).await?;
        let decoded = found.into_iter().map(|(address, account)| {
            let data = account.data.decode().unwrap_or_default();
            T::from_data(&data).map(|value| (address, value)).map_err(wrong::<T>(&address))
        });
        decoded.collect()
    }

    /// Base units in a token account.
    pub async fn token_balance(&self, account: &Address) -> Result<u64, ClientError> {
        const WHAT: &str = "token account";
        let found = self.raw_account(account).await?;
        let found = found.ok_or(ClientError::NoAccount { what: WHAT, address: *account })?;
        if found.owner != token::PROGRAM {
            return Err(ClientError::WrongOwner {
                what: WHAT,
                address: *account,
                owner: found.owner,
            });
        }
        let decode = |source| ClientError::Decode { what: WHAT, address: *account, source };
        Ok(token::read_account(&found.data).map_err(decode)?.amount)
    }

    /// The chain's time.
    pub async fn clock(&self) -> Result<Clock, ClientError> {
        const WHAT: &str = "Clock";
        let account = self
            .raw_account(&CLOCK)
            .await?
            .ok_or(ClientError::NoAccount { what: WHAT, address: CLOCK })?;
        clock(&account.data).map_err(|source| ClientError::Decode {
            what: WHAT,
            address: CLOCK,
            source,
        })
    }

    /// Lamports that an account of this many bytes must hold.
    pub async fn rent(&self, bytes: usize) -> Result<u64, ClientError> {
        self.call("asking for the rent", || self.rpc.get_minimum_balance_for_rent_exemption(bytes))
            .await
    }
}

/// Reads an account of one of our programs. One that has been closed is nobody's, or empty.
pub(super) fn read<T: ProgramAccount>(
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
    T::from_data(&account.data).map(Some).map_err(wrong::<T>(address))
}

fn wrong<T: ProgramAccount>(address: &Address) -> impl Fn(DecodeError) -> ClientError {
    let address = *address;
    move |source| ClientError::Decode { what: T::NAME, address, source }
}

/// Slot, start of the epoch, epoch, epoch of the leader schedule, time.
fn clock(data: &[u8]) -> Result<Clock, DecodeError> {
    let reader = &mut Reader::new(data);
    let slot = u64::read(reader)?;
    let _epoch_start = i64::read(reader)?;
    let epoch = u64::read(reader)?;
    let _leader_schedule_epoch = u64::read(reader)?;
    Ok(Clock { slot, epoch, unix_timestamp: i64::read(reader)? })
}

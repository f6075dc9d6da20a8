//! What the first message of a stream carries: a wallet's request, a grant, or a visitor's job.
//!
//! | first byte | then |
//! | --- | --- |
//! | 1 | a request: job (32 bytes), wallet (32), expiry (8), signature (64) |
//! | 2 | a grant |
//! | 3 | a visit: job (32 bytes) |
//!
//! A grant is its version (1), job (32), issuer (32), rights (2, and 2 for each port), expiry (8),
//! whether it is for one endpoint (1), that endpoint (32), and signature (64).

use solana_address::Address;

use super::{AccessError, AccessRequest, Grant, Peers, Rights};
use crate::wire::{Decoder, WireError};

const REQUEST: u8 = 1;
const GRANT: u8 = 2;
const VISIT: u8 = 3;

/// A proof that the peer may use a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Of the job's client or payer.
    Request(AccessRequest),
    /// Of somebody with whom the client shares the job.
    Grant(Grant),
    /// Of anybody, for the ports of this job that its definition makes public.
    Visit(Address),
}

/// The wallets of a job, as its account names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobParties {
    /// The job's client.
    pub client: Address,
    /// The job's payer.
    pub payer: Address,
}

/// A credential whose signature is good. What it allows depends on the job's account.
#[derive(Clone, Debug)]
pub struct Verified<'a>(&'a Credential);

/// What a peer may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its rights.
    pub rights: Rights,
    /// When streams that it opens are ended, in seconds since 1970: when the grant expires.
    pub until: Option<u64>,
}

impl Credential {
    /// The job that it is for.
    pub const fn job(&self) -> &Address {
        match self {
            Self::Request(request) => &request.job,
            Self::Grant(grant) => &grant.job,
            Self::Visit(job) => job,
        }
    }

    /// Checks everything that does not depend on the job's account. A node does this before it
    /// reads the account, so that strangers cause no reads.
    ///
    /// # Errors
    /// If the credential is not valid for this job and connection at the time `now`.
    pub fn verify(
        &self,
        job: &Address,
        peers: &Peers,
        now: u64,
    ) -> Result<Verified<'_>, AccessError> {
        if self.job() != job {
            return Err(AccessError::OtherJob);
        }

        match self {
            Self::Request(request) => request.verify(peers, now)?,
            Self::Grant(grant) => grant.verify(peers.client, now)?,
            // The handshake has proved who the peer is, and nothing else matters.
            Self::Visit(_) => {}
        }
        Ok(Verified(self))
    }

    pub(crate) fn encode_into(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Request(request) => {
                bytes.push(REQUEST);
                request.encode_into(bytes);
            }
            Self::Grant(grant) => {
                bytes.push(GRANT);
                grant.encode_into(bytes);
            }
            Self::Visit(job) => {
                bytes.push(VISIT);
                bytes.extend_from_slice(job.as_ref());
            }
        }
    }

    pub(crate) fn decode_from(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        match decoder.byte()? {
            REQUEST => AccessRequest::decode_from(decoder).map(Self::Request),
            GRANT => Grant::decode_from(decoder).map(Self::Grant),
            VISIT => Ok(Self::Visit(Address::new_from_array(decoder.array()?))),
            _ => Err(decoder.invalid("its credential has an unknown type")),
        }
    }
}

impl Verified<'_> {
    /// What the credential allows for a job with these parties.
    ///
    /// # Errors
    /// If its signer is not a party, or is not the client and shares the job; for a visit always:
    /// what a visitor may do depends on the definition.
    pub fn permission(&self, parties: &JobParties) -> Result<Permission, AccessError> {
        match self.0 {
            Credential::Request(request) => {
                let is_party = [parties.client, parties.payer].contains(&request.wallet);
                if !is_party {
                    return Err(AccessError::NotAParty(request.wallet.to_string()));
                }
                Ok(Permission { rights: Rights::all(), until: None })
            }
            Credential::Grant(grant) => {
                if grant.issuer != parties.client {
                    return Err(AccessError::NotTheClient(grant.issuer.to_string()));
                }
                Ok(Permission { rights: grant.rights.clone(), until: Some(grant.expiry) })
            }
            Credential::Visit(_) => Err(AccessError::NotPublic("this".to_owned())),
        }
    }
}

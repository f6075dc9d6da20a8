//! A grant: the client of a job lets somebody else read its logs or use its ports.
//!
//! The client signs it once and hands it out as one string. It names no node, because the job may
//! move to another one. If it names an endpoint, only that endpoint can use it; otherwise anyone
//! who has the string. A grant cannot be widened, and its holder cannot sign another: nodes accept
//! grants of the job's client only.

use iroh::EndpointId;
use solana_address::Address;
use solana_signature::Signature;
use solana_signer::Signer;

use super::{
    AccessError, Rights,
    off_chain::{check_signature, sign_text},
    request::check_lifetime,
};
use crate::wire::{Decoder, WireError};

/// The longest lifetime of a grant, in seconds: 31 days.
pub const MAX_GRANT_SECONDS: u64 = 31 * 86_400;

/// The version of the encoding.
const VERSION: u8 = 1;

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The job's account.
    pub job: Address,
    /// The wallet that signed: the job's client.
    pub issuer: Address,
    /// What it allows.
    pub rights: Rights,
    /// When it expires, in seconds since 1970.
    pub expiry: u64,
    /// The only endpoint that can use it, if it is for one.
    pub endpoint: Option<EndpointId>,
    /// The issuer's signature.
    pub signature: Signature,
}

impl Grant {
    /// Signs a grant.
    ///
    /// # Errors
    /// If the wallet does not sign.
    pub fn sign(
        issuer: &dyn Signer,
        job: Address,
        rights: Rights,
        expiry: u64,
        endpoint: Option<EndpointId>,
    ) -> Result<Self, AccessError> {
        let text = grant_text(&job, &rights, expiry, endpoint);
        let signature = sign_text(issuer, &text)?;
        let issuer =
            issuer.try_pubkey().map_err(|error| AccessError::NotSigned(error.to_string()))?;

        Ok(Self { job, issuer, rights, expiry, endpoint, signature })
    }

    /// Checks lifetime, endpoint and signature for a connection from `client` at the time `now`.
    /// Whether the issuer is the job's client is another question.
    ///
    /// # Errors
    /// If the grant is expired, for another endpoint, or altered.
    pub fn verify(&self, client: EndpointId, now: u64) -> Result<(), AccessError> {
        check_lifetime(self.expiry, now, MAX_GRANT_SECONDS)?;
        if self.endpoint.is_some_and(|endpoint| endpoint != client) {
            return Err(AccessError::OtherEndpoint);
        }

        let text = grant_text(&self.job, &self.rights, self.expiry, self.endpoint);
        check_signature(&self.issuer, &text, &self.signature)
    }

    /// Appends version (1 byte), job (32), issuer (32), rights, expiry (8), whether there is an
    /// endpoint (1), the endpoint (32), and signature (64).
    pub(super) fn encode_into(&self, bytes: &mut Vec<u8>) {
        bytes.push(VERSION);
        bytes.extend_from_slice(self.job.as_ref());
        bytes.extend_from_slice(self.issuer.as_ref());
        self.rights.encode_into(bytes);
        bytes.extend_from_slice(&self.expiry.to_le_bytes());

        bytes.push(u8::from(self.endpoint.is_some()));
        if let Some(endpoint) = self.endpoint {
            bytes.extend_from_slice(endpoint.as_bytes());
        }
        bytes.extend_from_slice(self.signature.as_ref());
    }

    pub(super) fn decode_from(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        if decoder.byte()? != VERSION {
            return Err(decoder.invalid("its version is not 1"));
        }
        let job = Address::new_from_array(decoder.array()?);
        let issuer = Address::new_from_array(decoder.array()?);
        let rights = Rights::decode_from(decoder)?;
        let expiry = decoder.u64()?;

        let endpoint = if decoder.flag()? {
            let bytes = decoder.array::<32>()?;
            let id = EndpointId::from_bytes(&bytes)
                .map_err(|_| decoder.invalid("its endpoint id is not a public key"))?;
            Some(id)
        } else {
            None
        };
        let signature = Signature::from(decoder.array::<64>()?);
        Ok(Self { job, issuer, rights, expiry, endpoint, signature })
    }
}

/// What the wallet displays and signs.
fn grant_text(job: &Address, rights: &Rights, expiry: u64, endpoint: Option<EndpointId>) -> String {
    let holder = endpoint.map_or_else(
        || "anyone who has this grant".to_owned(),
        |endpoint| format!("endpoint {endpoint}"),
    );
    format!("Nosana: share job {job} with {holder} ({rights}) until {expiry} (Unix time)")
}

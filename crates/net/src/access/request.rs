//! A wallet's request to use a job over one connection.
//!
//! The signed text names the job, both endpoints of the connection, and when the request expires.
//! Somebody who sees it, such as the node, can use it nowhere else: the handshake proves that the
//! dialing endpoint has the key of the named one.

use iroh::EndpointId;
use solana_address::Address;
use solana_signature::Signature;
use solana_signer::Signer;

use super::{
    AccessError,
    off_chain::{check_signature, sign_text},
};
use crate::wire::{Decoder, WireError};

/// The longest lifetime of a request, in seconds.
pub const MAX_REQUEST_SECONDS: u64 = 600;
/// The lifetime with which clients sign, in seconds. The difference allows clocks to be wrong.
pub const DEFAULT_REQUEST_SECONDS: u64 = 300;

/// The endpoints of a connection, as the handshake proved them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peers {
    /// The node's endpoint, which was dialed.
    pub node: EndpointId,
    /// The client's endpoint, which dialed.
    pub client: EndpointId,
}

/// A wallet's request to use a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRequest {
    /// The job's account.
    pub job: Address,
    /// The wallet that signed: the job's client or payer.
    pub wallet: Address,
    /// When the request expires, in seconds since 1970.
    pub expiry: u64,
    /// The wallet's signature.
    pub signature: Signature,
}

impl AccessRequest {
    /// Signs a request for this connection.
    ///
    /// # Errors
    /// If the wallet does not sign.
    pub fn sign(
        wallet: &dyn Signer,
        job: Address,
        peers: &Peers,
        expiry: u64,
    ) -> Result<Self, AccessError> {
        let signature = sign_text(wallet, &request_text(&job, peers, expiry))?;
        let wallet =
            wallet.try_pubkey().map_err(|error| AccessError::NotSigned(error.to_string()))?;

        Ok(Self { job, wallet, expiry, signature })
    }

    /// Checks lifetime and signature for a connection between these peers at the time `now`.
    /// Whether the wallet has anything to do with the job is another question.
    ///
    /// # Errors
    /// If the request is expired or valid for too long, or was not signed for this connection.
    pub fn verify(&self, peers: &Peers, now: u64) -> Result<(), AccessError> {
        check_lifetime(self.expiry, now, MAX_REQUEST_SECONDS)?;

        let text = request_text(&self.job, peers, self.expiry);
        check_signature(&self.wallet, &text, &self.signature)
    }

    /// Appends job (32 bytes), wallet (32), expiry (8) and signature (64).
    pub(super) fn encode_into(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.job.as_ref());
        bytes.extend_from_slice(self.wallet.as_ref());
        bytes.extend_from_slice(&self.expiry.to_le_bytes());
        bytes.extend_from_slice(self.signature.as_ref());
    }

    pub(super) fn decode_from(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        Ok(Self {
            job: Address::new_from_array(decoder.array()?),
            wallet: Address::new_from_array(decoder.array()?),
            expiry: decoder.u64()?,
            signature: Signature::from(decoder.array::<64>()?),
        })
    }
}

/// What the wallet displays and signs.
fn request_text(job: &Address, peers: &Peers, expiry: u64) -> String {
    let Peers { node, client } = peers;
    format!(
        "Nosana: let endpoint {client} use job {job} on the node {node} until {expiry} (Unix time)"
    )
}

/// Checks that an expiry is in the future, and not too far.
pub(super) fn check_lifetime(expiry: u64, now: u64, limit: u64) -> Result<(), AccessError> {
    match expiry.checked_sub(now) {
        None | Some(0) => Err(AccessError::Expired { seconds: now.saturating_sub(expiry) }),
        Some(seconds) if seconds > limit => Err(AccessError::TooLong { seconds, limit }),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_has_two_bounds() {
        assert_eq!(check_lifetime(101, 100, 10), Ok(()));
        assert_eq!(check_lifetime(110, 100, 10), Ok(()));
        assert_eq!(check_lifetime(100, 100, 10), Err(AccessError::Expired { seconds: 0 }));
        assert_eq!(check_lifetime(90, 100, 10), Err(AccessError::Expired { seconds: 10 }));

        let expired = check_lifetime(90, 100, 10).unwrap_err().to_string();
        assert!(expired.contains("10 s ago by the node's clock"), "{expired}");
        assert!(expired.contains("clocks with the chain's (`nosana doctor`)"), "{expired}");

        let too_long = AccessError::TooLong { seconds: 11, limit: 10 };
        assert_eq!(check_lifetime(111, 100, 10), Err(too_long));
        assert!(check_lifetime(u64::MAX, 0, MAX_REQUEST_SECONDS).is_err());
    }
}

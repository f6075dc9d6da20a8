//! Why a credential is not accepted.

use crate::WireError;

/// A credential that does not allow what is requested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The wallet did not sign.
    #[error("the wallet did not sign: {0}; connect it, or approve the message")]
    NotSigned(String),
    /// No credential was sent.
    #[error("this requires a credential; sign a request as the job's client, or use a grant")]
    Missing,
    /// The signature is for something else, or of another wallet.
    #[error(
        "the signature does not fit this wallet, job and connection; sign for the endpoint that is \
         dialed, from the endpoint that dials"
    )]
    Signature,
    /// The credential names another job.
    #[error("the credential is for another job; use the one of this job")]
    OtherJob,
    /// The grant is for another endpoint.
    #[error("the grant is for another endpoint; use it there, or request one for this endpoint")]
    OtherEndpoint,
    /// It is no longer valid.
    #[error(
        "the credential expired {seconds} s ago by the node's clock; sign a new one; if that is \
         refused, too, compare both machines' clocks with the chain's (`nosana doctor`)"
    )]
    Expired {
        /// How long ago.
        seconds: u64,
    },
    /// It is valid for too long.
    #[error(
        "the credential is valid for {seconds} s by the node's clock, more than the {limit} s that \
         are accepted; sign a shorter one, or compare both machines' clocks with the chain's \
         (`nosana doctor`)"
    )]
    TooLong {
        /// How long it is valid.
        seconds: u64,
        /// The longest time.
        limit: u64,
    },
    /// The signer has nothing to do with the job.
    #[error("`{0}` is neither client nor payer of the job; use one of their wallets, or a grant")]
    NotAParty(String),
    /// The signer of the grant is not the job's client.
    #[error("the grant is signed by `{0}`, who is not the job's client; only the client shares it")]
    NotTheClient(String),
    /// The grant does not allow this.
    #[error("the grant does not allow {0}; request one that does from the job's client")]
    MissingRight(String),
    /// A visitor may use public ports only.
    #[error("the definition does not make {0} public; request a grant from the job's client")]
    NotPublic(String),
}

/// A string that is not a grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// It does not begin like a grant.
    #[error("a grant begins with `nosanagrant1`; copy the whole string")]
    Prefix,
    /// It contains characters that no grant has.
    #[error("the grant contains the character `{0}`, which base58 does not have; copy it again")]
    Character(char),
    /// Its checksum is wrong.
    #[error("the grant is damaged or incomplete; copy the whole string")]
    Checksum,
    /// Its content does not have the documented form.
    #[error("the grant cannot be read: {0}; it may be of a newer version")]
    Content(#[from] WireError),
    /// It grants nothing, or too many ports.
    #[error("a grant allows logs or ports, and names at most {limit} ports")]
    Rights {
        /// The most ports.
        limit: usize,
    },
}

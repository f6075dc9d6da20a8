//! The first message of a stream, and the answer.

use crate::access::Credential;
use crate::wire::{Decoder, WireError};

/// The protocol's name in the handshake.
pub const JOB_ALPN: &[u8] = b"nosana/job/1";

const ACCEPTED: u8 = 0;
const LOGS: u8 = 1;
const PORT: u8 = 2;
const LIST: u8 = 3;
/// The longest text of a refusal, in bytes.
const MAX_DETAIL_BYTES: usize = 300;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamPurpose {
    /// The log, from this position on.
    Logs { from: u64 },
    /// A connection to this port.
    Port(u16),
    /// The list of ports.
    List,
}

/// Why a node refuses a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The credential is not valid for this connection, or its signer is not a party.
    #[error("the credential is not accepted")]
    Credential,
    /// The grant does not allow this.
    #[error("the grant does not allow this")]
    Rights,
    /// The node does not run this job.
    #[error("it does not run this job; look up which node does")]
    NotRunning,
    /// The job has ended.
    #[error("the job has ended")]
    Ended,
    /// The job does not expose this port.
    #[error("the job does not expose this port")]
    NotExposed,
    /// Nothing listens on the port yet.
    #[error("nothing answers on this port; wait until the job is ready")]
    NotListening,
    /// Too many streams at once, or the chain cannot be read now.
    #[error("the node is busy; try again later")]
    Busy,
    /// The opening does not have the documented form.
    #[error("the node does not understand the request; update this program or the node")]
    Malformed,
    /// A visitor may use public ports only.
    #[error("it is not public")]
    NotPublic,
}

impl RefusalReason {
    const fn code(self) -> u8 {
        match self {
            Self::Credential => 1,
            Self::Rights => 2,
            Self::NotRunning => 3,
            Self::Ended => 4,
            Self::NotExposed => 5,
            Self::NotListening => 6,
            Self::Busy => 7,
            Self::Malformed => 8,
            Self::NotPublic => 9,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Credential),
            2 => Some(Self::Rights),
            3 => Some(Self::NotRunning),
            4 => Some(Self::Ended),
            5 => Some(Self::NotExposed),
            6 => Some(Self::NotListening),
            7 => Some(Self::Busy),
            8 => Some(Self::Malformed),
            9 => Some(Self::NotPublic),
            _ => None,
        }
    }
}

pub(super) fn encode_opening(credential: &Credential, purpose: StreamPurpose) -> Vec<u8> {
    let mut bytes = Vec::new();
    credential.encode_into(&mut bytes);

    match purpose {
        StreamPurpose::Logs { from } => {
            bytes.push(LOGS);
            bytes.extend(from.to_le_bytes());
        }
        StreamPurpose::Port(port) => {
            bytes.push(PORT);
            bytes.extend(port.to_le_bytes());
        }
        StreamPurpose::List => bytes.push(LIST),
    }
    bytes
}

pub(super) fn decode_opening(bytes: &[u8]) -> Result<(Credential, StreamPurpose), WireError> {
    let mut decoder = Decoder::new("opening", bytes);
    let credential = Credential::decode_from(&mut decoder)?;

    let purpose = match decoder.byte()? {
        LOGS => StreamPurpose::Logs { from: decoder.u64()? },
        PORT => StreamPurpose::Port(decoder.u16()?),
        LIST => StreamPurpose::List,
        _ => return Err(decoder.invalid("its purpose is unknown")),
    };
    decoder.finish()?;
    Ok((credential, purpose))
}

/// The answer that lets a stream go on.
pub(super) const fn encode_acceptance() -> [u8; 1] {
    [ACCEPTED]
}

pub(super) fn encode_refusal(reason: RefusalReason, detail: &str) -> Vec<u8> {
    let mut end = detail.len().min(MAX_DETAIL_BYTES);
    while !detail.is_char_boundary(end) {
        end -= 1;
    }

    let mut bytes = vec![reason.code()];
    bytes.extend(detail.bytes().take(end));
    bytes
}

/// The answer; a refusal is an error with the node's own words, in which only printable characters
/// are left.
pub(super) fn decode_answer(
    bytes: &[u8],
) -> Result<Result<(), (RefusalReason, String)>, WireError> {
    let mut decoder = Decoder::new("answer", bytes);
    let code = decoder.byte()?;

    if code == ACCEPTED {
        return decoder.finish().map(Ok);
    }
    let reason =
        RefusalReason::from_code(code).ok_or_else(|| decoder.invalid("its code is unknown"))?;

    let text = String::from_utf8_lossy(decoder.remainder());
    let detail = text.chars().filter(|c| !c.is_control()).take(MAX_DETAIL_BYTES).collect();
    Ok(Err((reason, detail)))
}

#[cfg(test)]
mod tests {
    use solana_address::Address;
    use solana_keypair::Keypair;

    use super::*;
    use crate::access::{Grant, Rights};

    fn credential() -> Credential {
        let job = Address::new_from_array([3; 32]);
        Credential::Grant(Grant::sign(&Keypair::new(), job, Rights::all(), 1, None).unwrap())
    }

    #[test]
    fn openings_are_encoded_and_decoded() {
        let visit = Credential::Visit(Address::new_from_array([3; 32]));

        for credential in [credential(), visit] {
            for purpose in
                [StreamPurpose::Logs { from: 7 }, StreamPurpose::Port(8080), StreamPurpose::List]
            {
                let bytes = encode_opening(&credential, purpose);
                assert_eq!(decode_opening(&bytes).unwrap(), (credential.clone(), purpose));
                for length in 0..bytes.len() {
                    assert!(decode_opening(&bytes[..length]).is_err(), "{length}");
                }
                assert!(decode_opening(&[bytes, vec![0]].concat()).is_err());
            }
        }
    }

    #[test]
    fn a_refusal_carries_a_short_printable_text() {
        assert_eq!(decode_answer(&encode_acceptance()).unwrap(), Ok(()));

        for code in 1..=9 {
            let reason = RefusalReason::from_code(code).unwrap();
            let bytes = encode_refusal(reason, "why\u{1b}[2J \u{e9}");
            let answer = decode_answer(&bytes).unwrap();
            assert_eq!(answer, Err((reason, "why[2J \u{e9}".to_owned())));
        }
        let bytes = encode_refusal(RefusalReason::Busy, &"\u{e9}".repeat(1_000));
        assert_eq!(bytes.len(), 301);

        assert!(decode_answer(&[]).is_err());
        assert!(decode_answer(&[0, 0]).is_err());
        assert!(decode_answer(&[99]).is_err());
    }
}

//! Requests and answers. The module's documentation has their layout.

use nosana_job_spec::ContentId;
use solana_address::Address;

use crate::access::Credential;
use crate::wire::{Decoder, WireError};

/// The protocol's name in the handshake.
pub const CONTENT_ALPN: &[u8] = b"nosana/content/1";
/// The most objects in one *have*.
pub const MAX_QUERIED_OBJECTS: usize = 64;

const HAVE: u8 = 1;
const GET: u8 = 2;
const OFFER: u8 = 3;

/// The first byte of an answer that is not a refusal.
pub(super) const ACCEPTED: u8 = 0;

/// An object that a peer wants to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentOffer {
    /// The job that names it.
    pub job: Address,
    /// The object.
    pub object: ContentId,
    /// The size of its content, in bytes.
    pub content_bytes: u64,
}

/// Why a peer does not do what is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentRefusal {
    /// The object is not there, or may not be read.
    #[error("it does not have this object for this reader")]
    NotFound,
    /// No job names the object, or the job does not let this peer offer it.
    #[error("it does not keep this object: no open job names it, or the job is private")]
    NotAdmitted,
    /// The object is larger than the reader, the job or the peer allows.
    #[error("the object is larger than allowed")]
    TooLarge,
    /// The peer has no room for it.
    #[error("it has no room; offer the object to another peer")]
    Full,
    /// Too many transfers at once.
    #[error("it is busy; try again later, or try another peer")]
    Busy,
    /// The object is already there.
    #[error("it has the object already")]
    AlreadyHeld,
    /// The credential is not valid.
    #[error(
        "the credential is not valid for this connection, or not by its clock; compare both \
         machines' clocks with the chain's (`nosana doctor`)"
    )]
    Credential,
    /// What was sent is not the object.
    #[error("what arrived is not the object, or took too long")]
    BadTransfer,
}

impl ContentRefusal {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::NotFound => 1,
            Self::NotAdmitted => 2,
            Self::TooLarge => 3,
            Self::Full => 4,
            Self::Busy => 5,
            Self::AlreadyHeld => 6,
            Self::Credential => 7,
            Self::BadTransfer => 8,
        }
    }

    pub(super) const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::NotFound),
            2 => Some(Self::NotAdmitted),
            3 => Some(Self::TooLarge),
            4 => Some(Self::Full),
            5 => Some(Self::Busy),
            6 => Some(Self::AlreadyHeld),
            7 => Some(Self::Credential),
            8 => Some(Self::BadTransfer),
            _ => None,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ContentRequest {
    Have { objects: Vec<ContentId> },
    Get { credential: Option<Credential>, object: ContentId, skip_blocks: u64, max_bytes: u64 },
    Offer { credential: Option<Credential>, offer: ContentOffer },
}

impl ContentRequest {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();

        match self {
            Self::Have { objects } => {
                bytes.extend([HAVE, u8::try_from(objects.len()).unwrap_or(u8::MAX)]);
                objects.iter().for_each(|object| bytes.extend(object.digest()));
            }
            Self::Get { credential, object, skip_blocks, max_bytes } => {
                bytes.push(GET);
                encode_credential(credential.as_ref(), &mut bytes);
                bytes.extend(object.digest());
                bytes.extend(skip_blocks.to_le_bytes());
                bytes.extend(max_bytes.to_le_bytes());
            }
            Self::Offer { credential, offer } => {
                bytes.push(OFFER);
                encode_credential(credential.as_ref(), &mut bytes);
                bytes.extend_from_slice(offer.job.as_ref());
                bytes.extend(offer.object.digest());
                bytes.extend(offer.content_bytes.to_le_bytes());
            }
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut decoder = Decoder::new("content request", bytes);

        let request = match decoder.byte()? {
            HAVE => {
                let count = usize::from(decoder.byte()?);
                if count > MAX_QUERIED_OBJECTS {
                    return Err(decoder.invalid("it names too many objects"));
                }
                let objects: Result<_, _> = (0..count).map(|_| decode_id(&mut decoder)).collect();
                Self::Have { objects: objects? }
            }
            GET => Self::Get {
                credential: decode_credential(&mut decoder)?,
                object: decode_id(&mut decoder)?,
                skip_blocks: decoder.u64()?,
                max_bytes: decoder.u64()?,
            },
            OFFER => Self::Offer {
                credential: decode_credential(&mut decoder)?,
                offer: ContentOffer {
                    job: Address::new_from_array(decoder.array()?),
                    object: decode_id(&mut decoder)?,
                    content_bytes: decoder.u64()?,
                },
            },
            _ => return Err(decoder.invalid("its type is unknown")),
        };
        decoder.finish()?;
        Ok(request)
    }
}

fn decode_id(decoder: &mut Decoder<'_>) -> Result<ContentId, WireError> {
    decoder.array().map(ContentId::from_digest)
}

fn encode_credential(credential: Option<&Credential>, bytes: &mut Vec<u8>) {
    bytes.push(u8::from(credential.is_some()));

    if let Some(credential) = credential {
        credential.encode_into(bytes);
    }
}

fn decode_credential(decoder: &mut Decoder<'_>) -> Result<Option<Credential>, WireError> {
    if decoder.flag()? { Credential::decode_from(decoder).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_encoded_and_decoded() {
        let object = ContentId::from_digest([1; 32]);
        let job = Address::new_from_array([2; 32]);
        let requests = [
            ContentRequest::Have { objects: vec![object; MAX_QUERIED_OBJECTS] },
            ContentRequest::Get { credential: None, object, skip_blocks: 3, max_bytes: 4 },
            ContentRequest::Offer {
                credential: None,
                offer: ContentOffer { job, object, content_bytes: 5 },
            },
        ];

        for request in requests {
            let bytes = request.encode();
            assert_eq!(ContentRequest::decode(&bytes).unwrap(), request);
            assert!(bytes.len() <= crate::stream::MAX_MESSAGE_BYTES);
            for length in 0..bytes.len() {
                assert!(ContentRequest::decode(&bytes[..length]).is_err());
            }
            assert!(ContentRequest::decode(&[bytes, vec![0]].concat()).is_err());
        }
        assert!(ContentRequest::decode(&[9]).is_err());
        let too_many = [vec![HAVE, 65], vec![0; 65 * 32]].concat();
        assert!(ContentRequest::decode(&too_many).is_err());
    }

    #[test]
    fn refusals_have_codes() {
        for code in 1..=8 {
            assert_eq!(ContentRefusal::from_code(code).unwrap().code(), code);
        }
        assert_eq!(ContentRefusal::from_code(ACCEPTED), None);
        assert_eq!(ContentRefusal::from_code(9), None);
    }
}

//! The identifier of content: 32 bytes on the chain, `Qm…` everywhere else.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use cid::{Cid, Version};
use multihash::Multihash;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Digest, InvalidContentId};

/// The multihash code of SHA2-256.
const SHA2_256: u64 = 0x12;

/// A CIDv0: the SHA-256 of a file's root block (a dag-pb node that wraps UnixFS), as `ipfs add`
/// makes it.
///
/// A job account stores the 32 bytes; the text form names the same file to any IPFS node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId([u8; 32]);

impl ContentId {
    /// The identifier whose root block has this SHA-256.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The SHA-256 of the root block, which the chain stores.
    pub const fn digest(&self) -> [u8; 32] {
        self.0
    }

    /// The identifier of an IPFS link: CIDv0, or CIDv1 with SHA2-256, which raw leaves have.
    ///
    /// # Errors
    /// The reason, if the link's hash is not SHA2-256.
    pub fn from_link(link: &Cid) -> Result<Self, String> {
        if link.hash().code() != SHA2_256 {
            return Err(format!("its hash function is 0x{:x}, not sha2-256", link.hash().code()));
        }

        let digest = link.hash().digest();

        digest
            .try_into()
            .map(Self)
            .map_err(|_| format!("its hash has {} bytes, not 32", digest.len()))
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = Multihash::<64>::wrap(SHA2_256, &self.0).map_err(|_| fmt::Error)?;
        Cid::new_v0(hash).map_err(|_| fmt::Error)?.fmt(f)
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ContentId {
    type Err = InvalidContentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |reason| InvalidContentId { text: text.chars().take(100).collect(), reason };

        if text.len() != 46 {
            return Err(invalid(format!("it has {} bytes, not 46", text.len())));
        }

        let cid = Cid::try_from(text).map_err(|error| invalid(error.to_string()))?;
        if cid.version() != Version::V0 {
            return Err(invalid("it is not version 0".into()));
        }

        Self::from_link(&cid).map_err(invalid)
    }
}

impl From<Digest> for ContentId {
    fn from(digest: Digest) -> Self {
        Self(digest.0)
    }
}

impl Serialize for ContentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for ContentId {
    fn schema_name() -> Cow<'static, str> {
        "ContentId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A CIDv0: the SHA-256 of a file's root block, as `ipfs add` makes it.",
            "type": "string",
            "pattern": "^Qm[1-9A-HJ-NP-Za-km-z]{44}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";

    #[test]
    fn text_and_digest_are_two_forms_of_one_identifier() {
        let id: ContentId = HELLO.parse().unwrap();
        assert_eq!(id.to_string(), HELLO);
        assert_eq!(ContentId::from_digest(id.digest()), id);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{HELLO}\""));
        assert_eq!(serde_json::from_str::<ContentId>(&json).unwrap(), id);
        assert_eq!(ContentId::from_digest([0; 32]).to_string().len(), 46);
        assert_eq!(ContentId::from_digest([255; 32]).to_string().len(), 46);
    }

    #[test]
    fn other_texts_are_refused_with_a_reason() {
        let v1 = "bafybeicg2rebjoofv4kbyovkw7af3rpiitvnl6i7ckcywaq6xjcxnc2mby";
        for text in ["", "Qm", v1, &HELLO[1..], &HELLO.replace('8', "0"), &format!("{HELLO}5")] {
            let error = text.parse::<ContentId>().unwrap_err();
            assert!(error.to_string().contains("use a CIDv0"), "{error}");
        }
    }
}

//! SHA-256 digests, and the name of a model by the digest of its weights.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::InvalidModelDigest;

/// A SHA-256 digest; printed as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Parses 64 lowercase hexadecimal digits.
    pub const fn from_hex(hex: &str) -> Option<Self> {
        let hex = hex.as_bytes();

        if hex.len() != 64 {
            return None;
        }

        let mut digest = [0u8; 32];
        let mut at = 0;

        while at < 64 {
            let value = match hex[at] {
                digit @ b'0'..=b'9' => digit - b'0',
                letter @ b'a'..=b'f' => letter - b'a' + 10,
                _ => return None,
            };

            digest[at / 2] = digest[at / 2] << 4 | value;
            at += 1;
        }
        Some(Self(digest))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A model, named by the SHA-256 of its weights file: `sha256:<64 hexadecimal digits>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelDigest(pub Digest);

impl fmt::Display for ModelDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

impl FromStr for ModelDigest {
    type Err = InvalidModelDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("sha256:")
            .and_then(Digest::from_hex)
            .map(Self)
            .ok_or_else(|| InvalidModelDigest { text: text.chars().take(100).collect() })
    }
}

impl Serialize for ModelDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ModelDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for ModelDigest {
    fn schema_name() -> Cow<'static, str> {
        "ModelDigest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A model, named by the SHA-256 of its weights file.",
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_of_nothing_is_the_known_one() {
        let known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), known);
        let model: ModelDigest = format!("sha256:{known}").parse().unwrap();
        assert_eq!(model.0, Digest::of(b""));
        assert_eq!(model.to_string(), format!("sha256:{known}"));
    }

    #[test]
    fn other_spellings_are_refused() {
        let upper = format!("sha256:{}", "AB".repeat(32));
        for text in
            ["", "sha256:", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", upper.as_str()]
        {
            assert!(text.parse::<ModelDigest>().is_err(), "{text}");
        }
    }
}

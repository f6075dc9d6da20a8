//! Random bytes that keep a digest on the chain from being guessed.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Digest;

/// Random bytes in the content of a private job; printed as 64 lowercase hexadecimal digits.
///
/// The chain has the digest of a definition and of a result for everybody to see. Who guesses a
/// short content, such as one of a hundred names, could recognize it by its digest. With a salt that
/// only the parties know, there is nothing to compare with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

/// A text that is not a salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid salt; give 64 lowercase hexadecimal digits")]
pub struct InvalidSalt;

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest(self.0).fmt(f)
    }
}

/// A log must not repeat it.
impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl FromStr for Salt {
    type Err = InvalidSalt;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Digest::from_hex(text).map(|bytes| Self(bytes.0)).ok_or(InvalidSalt)
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Salt {
    fn schema_name() -> Cow<'static, str> {
        "Salt".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Random bytes that keep the digest of a private job from being guessed.",
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ContentId, EngineInfo, JobDefinition, JobResult, OperationResult};

    #[test]
    fn a_salt_is_hexadecimal_and_never_logged() {
        let salt = Salt([0xab; 32]);
        assert_eq!(salt.to_string(), "ab".repeat(32));
        assert_eq!("ab".repeat(32).parse(), Ok(salt));
        assert!(!format!("{salt:?}").contains("ab"));
        for text in ["", "ab", &"AB".repeat(32), &"ab".repeat(33)] {
            assert_eq!(text.parse::<Salt>(), Err(InvalidSalt), "{text}");
        }
    }

    #[test]
    fn a_result_repeats_the_salt_of_its_definition() {
        let text = r#"{ "version": "nosana/1", "ops": [{ "id": "one", "type": "command/run",
            "args": { "steps": [{ "name": "one", "run": "true" }] } }] }"#;
        let mut definition: JobDefinition = serde_json::from_str(text).unwrap();
        assert_eq!(definition.salt, None);
        assert!(!serde_json::to_string(&definition).unwrap().contains("salt"));

        definition.salt = Some(Salt([1; 32]));
        let written = serde_json::to_string(&definition).unwrap();
        assert_eq!(serde_json::from_str::<JobDefinition>(&written).unwrap(), definition);

        let id = ContentId::from_digest([3; 32]);
        let engine = EngineInfo { device: "a".into(), backend: "cpu".into() };
        let ops = vec![OperationResult::ok("one", 1, 2, id)];
        let result = JobResult::new(id, ops, engine);
        assert_eq!(result.validate(&definition).unwrap_err().pointer, "/salt");
        assert_eq!(result.with_salt(definition.salt).validate(&definition), Ok(()));
    }
}

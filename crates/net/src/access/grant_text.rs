//! A grant as one string: `nosanagrant1` and base58 of its bytes with a checksum of 4 bytes.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Grant, GrantError};
use crate::wire::Decoder;

/// What every grant begins with. A new encoding gets a new number.
pub const GRANT_PREFIX: &str = "nosanagrant1";

/// Nothing that is longer is decoded.
const MAX_TEXT_BYTES: usize = 512;
const CHECKSUM_BYTES: usize = 4;

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.encode_into(&mut bytes);
        let checksum = checksum_of(&bytes);
        bytes.extend_from_slice(&checksum);

        write!(f, "{GRANT_PREFIX}{}", bs58::encode(bytes).into_string())
    }
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let body = text.trim().strip_prefix(GRANT_PREFIX).ok_or(GrantError::Prefix)?;
        if body.len() > MAX_TEXT_BYTES {
            return Err(GrantError::Checksum);
        }

        let bytes = bs58::decode(body).into_vec().map_err(|error| match error {
            bs58::decode::Error::InvalidCharacter { character, .. } => {
                GrantError::Character(character)
            }
            _ => GrantError::Character(body.chars().find(|c| !c.is_ascii()).unwrap_or('?')),
        })?;
        let (content, checksum) =
            bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(GrantError::Checksum)?;
        if *checksum != checksum_of(content) {
            return Err(GrantError::Checksum);
        }

        let mut decoder = Decoder::new("grant", content);
        let grant = Self::decode_from(&mut decoder)?;
        decoder.finish()?;
        Ok(grant)
    }
}

fn checksum_of(content: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest: [u8; 32] =
        Sha256::new().chain_update(GRANT_PREFIX).chain_update(content).finalize().into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;
    use solana_address::Address;
    use solana_keypair::Keypair;

    use super::*;
    use crate::access::{PortRights, Rights};

    fn grant_for(endpoint: bool) -> Grant {
        let rights = Rights::new(true, PortRights::Only(vec![80, 8080])).unwrap();
        let endpoint = endpoint.then(|| SecretKey::from_bytes(&[5; 32]).public());
        let job = Address::new_from_array([3; 32]);
        Grant::sign(&Keypair::new(), job, rights, 1_000, endpoint).unwrap()
    }

    #[test]
    fn a_grant_is_printed_and_parsed() {
        for grant in [grant_for(false), grant_for(true)] {
            let text = grant.to_string();
            assert!(text.starts_with("nosanagrant1"), "{text}");
            assert_eq!(text.parse::<Grant>().unwrap(), grant);
            assert_eq!(format!(" {text}\n").parse::<Grant>().unwrap(), grant);
        }
    }

    #[test]
    fn a_damaged_string_gets_a_clear_error() {
        let text = grant_for(true).to_string();
        let parse = |text: &str| text.parse::<Grant>().unwrap_err();

        assert_eq!(parse(""), GrantError::Prefix);
        assert_eq!(parse(&text[1..]), GrantError::Prefix);
        assert_eq!(parse("nosanagrant1"), GrantError::Checksum);
        assert_eq!(parse(&text[..text.len() - 1]), GrantError::Checksum);
        assert_eq!(parse(&format!("{text}0")), GrantError::Character('0'));
        assert_eq!(parse(&format!("{text}\u{e9}")), GrantError::Character('\u{e9}'));
        assert_eq!(parse(&"nosanagrant1".repeat(100)), GrantError::Checksum);

        for at in 12..text.len() {
            let other = if text.as_bytes()[at] == b'x' { "y" } else { "x" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(changed.parse::<Grant>().is_err(), "{at}");
        }
    }
}

//! Random bytes, and how files hold bytes.

use solana_keypair::Keypair;

/// Returns 32 random bytes: the secret of a new key, from the system's generator.
pub(crate) fn new_secret() -> [u8; 32] {
    *Keypair::new().secret_bytes()
}

/// 32 bytes as hexadecimal digits.
pub(crate) mod hex_bytes {
    use nosana_job_spec::Digest;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Digest(*bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let digest = Digest::from_hex(&text)
            .ok_or_else(|| de::Error::custom("not 64 lowercase hexadecimal digits"))?;
        Ok(digest.0)
    }
}

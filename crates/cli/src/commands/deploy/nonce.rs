//! The nonces of a deployment's jobs: its tag in the upper half, a number in the lower. So all of
//! them are found on the chain, whatever this machine remembers.

use anyhow::{Result, ensure};
use nosana_job_spec::Digest;

/// The bytes of a nonce in an account that hold the tag: the upper half, little-endian.
pub const TAG_OFFSET: usize = 4;

const MAX_NAME_BYTES: usize = 64;

/// What the nonces of one deployment have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeploymentTag(u32);

impl DeploymentTag {
    /// The tag of the deployment with this name.
    ///
    /// # Errors
    /// If the name cannot be one of a file.
    pub fn of_name(name: &str) -> Result<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        ensure!(
            !name.is_empty()
                && name.len() <= MAX_NAME_BYTES
                && !name.starts_with('.')
                && name.chars().all(is_plain),
            "`{name}` is not a valid name of a deployment: use at most {MAX_NAME_BYTES} letters, \
             digits, `-`, `_` and `.`"
        );

        let digest = Digest::of(format!("nosana deployment {name}").as_bytes());
        let [a, b, c, d, ..] = digest.0;
        // Nonces of other jobs are times in microseconds, whose upper bit is zero.
        Ok(Self(u32::from_be_bytes([a, b, c, d]) | 1 << 31))
    }

    /// The tag's bytes in a nonce.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    /// The nonce of a job.
    pub const fn nonce(self, number: u32) -> u64 {
        (self.0 as u64) << 32 | number as u64
    }

    /// The number in a nonce of this deployment.
    pub fn number(self, nonce: u64) -> Option<u32> {
        let number = u32::try_from(nonce & u64::from(u32::MAX)).ok()?;
        (self.nonce(number) == nonce).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_knows_its_own_nonces() {
        let [tag, other] = ["web", "web2"].map(|name| DeploymentTag::of_name(name).unwrap());
        let nonce = tag.nonce(7);

        assert_eq!(tag.number(nonce), Some(7));
        assert_eq!(other.number(nonce), None);
        assert_eq!(nonce.to_le_bytes()[TAG_OFFSET..], tag.to_bytes());
        assert_eq!(tag.number(1_764_412_345_000_000), None, "of a job listed by hand");
    }

    #[test]
    fn a_name_is_also_one_of_a_file() {
        for name in ["", ".hidden", "a/b", "a b", "ä", &"a".repeat(65)] {
            assert!(DeploymentTag::of_name(name).is_err(), "{name}");
        }
    }
}

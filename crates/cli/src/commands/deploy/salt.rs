//! The salts of a deployment's private jobs, from the wallet's key: what the state folder loses is
//! computed again.

use nosana_job_spec::{Digest, Salt};
use solana_keypair::Keypair;

/// Keeps these digests apart from others that have the key in them.
const DOMAIN: &[u8] = b"nosana deployment salt";

/// What only the wallet's owner can compute salts with.
pub struct SaltKey(Digest);

impl SaltKey {
    /// The key of a wallet.
    pub fn of_wallet(wallet: &Keypair) -> Self {
        Self(Digest::of(&[DOMAIN, wallet.secret_bytes().as_slice()].concat()))
    }

    /// The salt of the job with this nonce. Each job has its own: the node of another replica, which
    /// knows the definition, must not recognize the results of this one.
    pub fn derive_salt(&self, nonce: u64) -> Salt {
        let digest = Digest::of(&[self.0.0.as_slice(), nonce.to_le_bytes().as_slice()].concat());
        Salt(digest.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_belongs_to_one_job_of_one_wallet() {
        let [one, other] = [1, 2].map(|byte| Keypair::new_from_array([byte; 32]));
        let salt = |wallet: &Keypair, nonce| SaltKey::of_wallet(wallet).derive_salt(nonce);

        let first = salt(&one, 7);
        assert!(salt(&one, 7) == first, "computed again");
        assert!(salt(&one, 8) != first);
        assert!(salt(&other, 7) != first);
    }
}

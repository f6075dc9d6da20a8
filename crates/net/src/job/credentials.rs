//! Who signs openings.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use solana_address::Address;
use solana_signer::Signer;

use crate::Clock;
use crate::access::{
    AccessError, AccessRequest, Credential, DEFAULT_REQUEST_SECONDS, Grant, Peers,
};

/// A request is signed again when it is valid for less than this.
const MIN_SECONDS_LEFT: u64 = 60;

/// Gives the credentials for connections to one job.
pub trait CredentialSource: Send + Sync + 'static {
    /// A credential for a connection between these peers. May wait for a wallet: it is called
    /// where blocking is allowed.
    ///
    /// # Errors
    /// If the wallet does not sign.
    fn credential_for(&self, peers: &Peers) -> Result<Credential, AccessError>;
}

impl CredentialSource for Grant {
    fn credential_for(&self, _: &Peers) -> Result<Credential, AccessError> {
        Ok(Credential::Grant(self.clone()))
    }
}

/// Requests that a wallet signs, each used for minutes.
///
/// With a hardware wallet, a long use would ask the user every few minutes. Sign a [`Grant`] for
/// the own endpoint instead.
pub struct WalletCredentials<C> {
    wallet: Arc<dyn Signer + Send + Sync>,
    job: Address,
    clock: C,
    last: Mutex<Option<(Peers, AccessRequest)>>,
}

impl<C: Clock> WalletCredentials<C> {
    /// Requests of this wallet for this job.
    pub fn new(wallet: Arc<dyn Signer + Send + Sync>, job: Address, clock: C) -> Self {
        Self { wallet, job, clock, last: Mutex::new(None) }
    }
}

impl<C: Clock> CredentialSource for WalletCredentials<C> {
    fn credential_for(&self, peers: &Peers) -> Result<Credential, AccessError> {
        let now = self.clock.unix_seconds();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);

        if let Some((of, request)) = &*last
            && of == peers
            && request.expiry >= now.saturating_add(MIN_SECONDS_LEFT)
        {
            return Ok(Credential::Request(request.clone()));
        }

        let expiry = now.saturating_add(DEFAULT_REQUEST_SECONDS);
        let request = AccessRequest::sign(&*self.wallet, self.job, peers, expiry)?;
        *last = Some((*peers, request.clone()));
        Ok(Credential::Request(request))
    }
}

impl<C> fmt::Debug for WalletCredentials<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletCredentials").field("job", &self.job).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use iroh::SecretKey;
    use solana_keypair::Keypair;

    use super::*;

    #[derive(Clone, Default)]
    struct SetClock(Arc<AtomicU64>);

    impl Clock for SetClock {
        fn unix_seconds(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn a_wallet_signs_for_each_connection_and_again_before_the_end() {
        let clock = SetClock::default();
        let job = Address::new_from_array([3; 32]);
        let source = WalletCredentials::new(Arc::new(Keypair::new()), job, clock.clone());
        let [node, first, second] =
            [1, 2, 3].map(|seed| SecretKey::from_bytes(&[seed; 32]).public());
        let peers = |client| Peers { node, client };

        let credential = source.credential_for(&peers(first)).unwrap();
        clock.0.store(240, Ordering::Relaxed);
        assert_eq!(source.credential_for(&peers(first)).unwrap(), credential);

        clock.0.store(241, Ordering::Relaxed);
        let renewed = source.credential_for(&peers(first)).unwrap();
        assert_ne!(renewed, credential);
        assert!(renewed.verify(&job, &peers(first), 500).is_ok());

        let other = source.credential_for(&peers(second)).unwrap();
        assert!(other.verify(&job, &peers(second), 300).is_ok());
        assert!(other.verify(&job, &peers(first), 300).is_err());
    }
}

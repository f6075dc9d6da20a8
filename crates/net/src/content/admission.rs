//! Who may read and offer what, and how much. The owner of a service implements it: a node looks at
//! the chain, and at its own bounds.

use std::future::{Future, ready};

use iroh::EndpointId;
use nosana_job_spec::ContentId;
use nosana_store::Store;
use solana_address::Address;
use tokio::sync::watch;

use super::{ContentOffer, ContentRefusal};
use crate::access::{AccessError, Credential, JobParties, Peers, Permission};

/// The peer that made a request.
#[derive(Clone, Debug)]
pub struct Requester {
    pub(super) peers: Peers,
    pub(super) credential: Option<Credential>,
    pub(super) now: u64,
}

impl Requester {
    /// A peer that sent this credential.
    #[cfg(test)]
    pub(crate) const fn new(peers: Peers, credential: Option<Credential>, now: u64) -> Self {
        Self { peers, credential, now }
    }

    /// Its endpoint, which the handshake proved. An offer of a node comes from the endpoint that
    /// the node has announced.
    pub const fn endpoint(&self) -> EndpointId {
        self.peers.client
    }

    /// The job that its credential names.
    pub fn job(&self) -> Option<&Address> {
        self.credential.as_ref().map(Credential::job)
    }

    /// The job for which a wallet has signed its credential; `None` if it sent another credential,
    /// or the signature is not valid for this connection.
    pub fn signed_job(&self) -> Option<&Address> {
        match &self.credential {
            Some(Credential::Request(request)) => {
                request.verify(&self.peers, self.now).ok().map(|()| &request.job)
            }
            Some(Credential::Grant(_) | Credential::Visit(_)) | None => None,
        }
    }

    /// Checks that it is the client or the payer of this job, whose account names these parties.
    /// Somebody with a grant is neither.
    ///
    /// # Errors
    /// If it is not, or sent no credential that is valid for this job and connection.
    pub fn check_party(&self, job: &Address, parties: &JobParties) -> Result<(), AccessError> {
        match &self.credential {
            None => Err(AccessError::Missing),
            Some(Credential::Grant(_) | Credential::Visit(_)) => {
                Err(AccessError::MissingRight("the content".into()))
            }
            Some(Credential::Request(_)) => self.permission(job, parties).map(drop),
        }
    }

    /// What its credential allows for this job, whose account names these parties.
    ///
    /// # Errors
    /// If it sent none, or one that is not valid for this job and connection.
    pub fn permission(
        &self,
        job: &Address,
        parties: &JobParties,
    ) -> Result<Permission, AccessError> {
        let credential = self.credential.as_ref().ok_or(AccessError::Missing)?;
        credential.verify(job, &self.peers, self.now)?.permission(parties)
    }
}

/// Decides about requests.
pub trait Admission: Send + Sync + 'static {
    /// Room for an object that is being received.
    type Reservation: Reservation;

    /// The store from which this peer may read this object. The store must have no sources:
    /// strangers would make it search.
    ///
    /// # Errors
    /// [`NotFound`](ContentRefusal::NotFound) if the object is not there, or not for this peer: the
    /// time of the decision must not distinguish the two.
    fn find_readable(
        &self,
        requester: &Requester,
        object: ContentId,
    ) -> impl Future<Output = Result<Store, ContentRefusal>> + Send;

    /// Whether this peer is a party of a job whose content nobody else has, so that it may use the
    /// places that are reserved for such parties. Called only when all other places are taken.
    fn is_party(&self, _: &Requester) -> impl Future<Output = bool> + Send {
        ready(false)
    }

    /// Reserves room for an offered object, before any of it is accepted. The size is what the
    /// peer declares; more does not arrive, see [`max_stored_bytes`](super::max_stored_bytes).
    fn reserve_room(
        &self,
        requester: &Requester,
        offer: &ContentOffer,
    ) -> impl Future<Output = Result<Self::Reservation, ContentRefusal>> + Send;
}

/// Room for an object. Dropping it frees the room.
pub trait Reservation: Send + 'static {
    /// The store into which the object goes, if that is not the one of the service.
    fn store(&self) -> Option<&Store> {
        None
    }

    /// A channel that closes when nobody wants the object any more: then the transfer ends. Nothing
    /// is sent on it. `None` if the object stays wanted.
    fn watch_end(&self) -> Option<watch::Receiver<()>> {
        None
    }

    /// The object is stored: the room stays taken.
    fn keep(self);

    /// The object was here before. The offer may come from another job, which needs it, too. Nothing
    /// is done unless a service removes objects by job.
    fn keep_known(self)
    where
        Self: Sized,
    {
    }
}

//! Who may read and offer what, and how much. The owner of a service implements it: a node looks at
//! the chain, and at its own bounds.

use std::future::Future;

use iroh::EndpointId;
use nosana_job_spec::ContentId;
use solana_address::Address;

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
    /// Its endpoint, which the handshake proved. An offer of a node comes from the endpoint that
    /// the node has announced.
    pub const fn endpoint(&self) -> EndpointId {
        self.peers.client
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

    /// Whether this peer may read this object.
    fn may_read(
        &self,
        requester: &Requester,
        object: ContentId,
    ) -> impl Future<Output = bool> + Send;

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
    /// The object is stored: the room stays taken.
    fn keep(self);
}

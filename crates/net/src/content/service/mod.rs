//! Answers requests for content.
//!
//! | module | purpose |
//! | --- | --- |
//! | `reads` | sends objects, and says which are here |
//! | `offers` | takes offered objects into a store |

mod offers;
mod reads;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use nosana_store::Store;
use solana_address::Address;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::debug;

use super::{
    Admission, ContentBounds, ContentError, ContentRefusal, Requester,
    message::{CONTENT_ALPN, ContentRequest},
    transfer::{TransferTimeouts, WRONG_CONTENT},
};
use crate::access::{Credential, Peers};
use crate::seats::{Seat, Seats};
use crate::stream::{MAX_MESSAGE_BYTES, accept_stream, read_message, widen_window, write_message};
use crate::transport::{ConnectionHandler, PreferredPeers};
use crate::{Clock, StreamError};

/// Serves objects, and takes offered ones into a store.
#[derive(Debug)]
pub struct ContentService<A, C> {
    store: Store,
    admission: A,
    clock: C,
    node: EndpointId,
    bounds: ContentBounds,
    transfers: Semaphore,
    peer_transfers: Seats<EndpointId>,
    party_transfers: Semaphore,
    job_transfers: Seats<Address>,
    preferred: PreferredPeers,
    preferred_transfers: Seats<EndpointId>,
    timeouts: TransferTimeouts,
}

/// A place among the transfers of a peer, and of all, of the parties of a job, or of a preferred
/// peer.
struct Turn<'a> {
    _of_peer: Seat<EndpointId>,
    _place: Place<'a>,
}

/// Where the place is; given back when dropped.
enum Place<'a> {
    All { _place: SemaphorePermit<'a> },
    Preferred { _place: Seat<EndpointId> },
    Parties { _place: SemaphorePermit<'a>, _of_job: Seat<Address> },
}

impl<A: Admission, C: Clock> ContentService<A, C> {
    /// Serves content under the endpoint `node`. What is offered goes into `store`, which must
    /// have no sources: strangers would make it search.
    pub fn new(
        store: Store,
        admission: A,
        clock: C,
        node: EndpointId,
        bounds: ContentBounds,
    ) -> Self {
        let transfers = Semaphore::new(bounds.transfers);
        let peer_transfers = Seats::new(bounds.transfers_per_peer);
        let party_transfers = Semaphore::new(bounds.party_transfers);
        let job_transfers = Seats::new(bounds.party_transfers_per_job);
        let preferred_transfers = Seats::new(bounds.preferred_transfers_per_peer);

        Self {
            store,
            admission,
            clock,
            node,
            bounds,
            transfers,
            peer_transfers,
            party_transfers,
            job_transfers,
            preferred: PreferredPeers::default(),
            preferred_transfers,
            timeouts: bounds.timeouts(),
        }
    }

    /// Keeps places for the transfers of these peers.
    #[must_use]
    pub fn with_preferred(self, preferred: PreferredPeers) -> Self {
        Self { preferred, ..self }
    }

    async fn serve_stream(
        &self,
        connection: &Connection,
        mut send: SendStream,
        mut recv: RecvStream,
    ) -> Result<(), ContentError> {
        let body = read_message(&mut recv, MAX_MESSAGE_BYTES, self.timeouts.message).await?;
        let request = ContentRequest::decode(&body).map_err(StreamError::from)?;
        let peers = Peers { node: self.node, client: connection.remote_id() };
        let requester =
            |credential| Requester { peers, credential, now: self.clock.unix_seconds() };

        match request {
            ContentRequest::Have { objects } => {
                self.answer_have(&mut send, &requester(None), &objects).await
            }
            ContentRequest::Get { credential, object, skip_blocks, max_bytes } => {
                let requester = requester(credential);
                // Before the object is looked up for the peer.
                let Some(_turn) = self.take_turn(&requester).await else {
                    return self.refuse(&mut send, ContentRefusal::Busy).await;
                };
                match self.find_object(&requester, object, max_bytes).await {
                    Ok(found) => self.send_object(&mut send, object, skip_blocks, found).await,
                    Err(refusal) => self.refuse(&mut send, refusal).await,
                }
            }
            ContentRequest::Offer { credential, offer } => {
                let requester = requester(credential);
                let Some(_turn) = self.take_turn(&requester).await else {
                    return self.refuse(&mut send, ContentRefusal::Busy).await;
                };
                match self.admit_offer(&requester, &offer).await {
                    Ok(reservation) => {
                        widen_window(connection);
                        self.take_offer(&mut send, &mut recv, &offer, reservation).await
                    }
                    Err(refusal) => self.refuse(&mut send, refusal).await,
                }
            }
        }
    }

    /// Takes a place for a transfer; `None` if the peer, or all, have too many.
    async fn take_turn(&self, requester: &Requester) -> Option<Turn<'_>> {
        let of_peer = self.peer_transfers.take_seat(requester.endpoint())?;
        let place = match self.take_common_place(requester.endpoint()) {
            Some(place) => place,
            None => self.take_party_place(requester).await?,
        };
        Some(Turn { _of_peer: of_peer, _place: place })
    }

    /// A place among those of all, or one of a preferred peer if these are taken.
    fn take_common_place(&self, peer: EndpointId) -> Option<Place<'_>> {
        if let Ok(place) = self.transfers.try_acquire() {
            return Some(Place::All { _place: place });
        }
        if !self.preferred.has_peer(&peer) {
            return None;
        }
        let place = self.preferred_transfers.take_seat(peer)?;
        Some(Place::Preferred { _place: place })
    }

    /// A place of a party of a job whose content nobody else has.
    async fn take_party_place(&self, requester: &Requester) -> Option<Place<'_>> {
        let job = *requester.signed_job()?;
        if !self.admission.is_party(requester).await {
            return None;
        }
        let of_job = self.job_transfers.take_seat(job)?;
        let place = self.party_transfers.try_acquire().ok()?;
        Some(Place::Parties { _place: place, _of_job: of_job })
    }

    /// A credential is optional, but a wrong one is an error.
    fn check_credential(&self, requester: &Requester) -> Result<(), ContentRefusal> {
        let Some(credential) = &requester.credential else { return Ok(()) };
        let verified =
            Credential::verify(credential, credential.job(), &requester.peers, requester.now);
        verified.map(|_| ()).map_err(|_| ContentRefusal::Credential)
    }

    async fn refuse(
        &self,
        send: &mut SendStream,
        refusal: ContentRefusal,
    ) -> Result<(), ContentError> {
        self.answer(send, &[refusal.code()]).await
    }

    async fn answer(&self, send: &mut SendStream, answer: &[u8]) -> Result<(), ContentError> {
        write_message(send, answer, self.timeouts.message).await?;
        // Fails only if the peer has canceled the stream.
        let _ = send.finish();
        Ok(())
    }

    async fn serve_connection(self: Arc<Self>, connection: Connection) {
        let mut streams = JoinSet::new();

        loop {
            let idle_end = streams.is_empty().then(|| Instant::now() + self.bounds.idle_timeout);
            let accepted = tokio::select! {
                accepted = accept_stream(&connection, idle_end) => accepted,
                Some(_) = streams.join_next() => continue,
            };
            let Some((send, recv)) = accepted else { return };

            let service = Arc::clone(&self);
            let connection = connection.clone();

            streams.spawn(async move {
                if let Err(error) = service.serve_stream(&connection, send, recv).await {
                    debug!(peer = %connection.remote_id().fmt_short(), %error, "a transfer failed");
                    if error.is_fault() {
                        connection.close(WRONG_CONTENT, b"protocol error");
                    }
                }
            });
        }
    }
}

impl<A: Admission, C: Clock> ConnectionHandler for ContentService<A, C> {
    fn alpn(&self) -> &'static [u8] {
        CONTENT_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.serve_connection(connection))
    }
}

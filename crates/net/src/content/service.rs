//! Answers requests for content.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use nosana_job_spec::ContentId;
use nosana_store::Store;
use solana_address::Address;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::debug;

use super::{
    Admission, ContentError, ContentOffer, ContentRefusal, Requester, Reservation,
    message::{ACCEPTED, CONTENT_ALPN, ContentRequest},
    staged::{StagedObject, remove_rests},
    transfer::{CANCELED, DiskUser, TransferTimeouts, WRONG_CONTENT, receive_object, send_blocks},
};
use crate::access::{Credential, Peers};
use crate::seats::{Seat, Seats};
use crate::stream::{MAX_MESSAGE_BYTES, accept_stream, read_message, widen_window, write_message};
use crate::transport::ConnectionHandler;
use crate::{Clock, StreamError};

/// Bounds of a service.
#[derive(Clone, Copy, Debug)]
pub struct ContentBounds {
    /// The most transfers at once, of all peers.
    pub transfers: usize,
    /// The most transfers at once of one peer.
    pub transfers_per_peer: usize,
    /// More transfers at once, for peers who are parties of jobs whose content nobody else has:
    /// strangers cannot keep them out.
    pub party_transfers: usize,
    /// The most of these for one job: the party of one cannot keep out those of others.
    pub party_transfers_per_job: usize,
    /// The longest time of a request or an answer.
    pub message_timeout: Duration,
    /// The longest time of a block. 30 s are 70 kB/s for the largest.
    pub block_timeout: Duration,
    /// A whole transfer may take so long, and its bytes at the lowest speed in addition. One that is
    /// slower goes on in the next attempt, when others have had their turn.
    pub transfer_timeout: Duration,
    /// The lowest speed.
    pub min_bytes_per_second: u64,
    /// The most bytes of interrupted offers that stay for another attempt. They are not counted
    /// otherwise.
    pub max_rest_bytes: u64,
    /// A connection without requests is closed after this time.
    pub idle_timeout: Duration,
}

impl Default for ContentBounds {
    fn default() -> Self {
        Self {
            transfers: 32,
            transfers_per_peer: 8,
            party_transfers: 16,
            party_transfers_per_job: 2,
            message_timeout: Duration::from_secs(10),
            block_timeout: Duration::from_secs(30),
            transfer_timeout: Duration::from_secs(60),
            min_bytes_per_second: 32 * 1024,
            max_rest_bytes: 256 << 20,
            idle_timeout: Duration::from_secs(60),
        }
    }
}

impl ContentBounds {
    pub(super) const fn timeouts(&self) -> TransferTimeouts {
        TransferTimeouts { message: self.message_timeout, block: self.block_timeout }
    }

    /// The longest time of a transfer.
    fn time_limit(&self, content_bytes: u64) -> Duration {
        let seconds = content_bytes / self.min_bytes_per_second.max(1);
        self.transfer_timeout.saturating_add(Duration::from_secs(seconds))
    }
}

/// An object that a peer may read.
struct FoundObject {
    store: Store,
    content_bytes: u64,
}

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
    timeouts: TransferTimeouts,
}

/// A place among the transfers of a peer, and of all or of the parties of a job.
struct Turn<'a> {
    _of_peer: Seat<EndpointId>,
    _of_job: Option<Seat<Address>>,
    _place: SemaphorePermit<'a>,
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
            timeouts: bounds.timeouts(),
        }
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

    /// Takes a place for a transfer; `None` if the peer, or all, have too many. A party of a job
    /// whose content nobody else has gets one of its own if all others are taken.
    async fn take_turn(&self, requester: &Requester) -> Option<Turn<'_>> {
        let of_peer = self.peer_transfers.take_seat(requester.endpoint())?;
        if let Ok(place) = self.transfers.try_acquire() {
            return Some(Turn { _of_peer: of_peer, _of_job: None, _place: place });
        }

        let job = *requester.signed_job()?;
        if !self.admission.is_party(requester).await {
            return None;
        }
        let of_job = self.job_transfers.take_seat(job)?;
        let place = self.party_transfers.try_acquire().ok()?;
        Some(Turn { _of_peer: of_peer, _of_job: Some(of_job), _place: place })
    }

    async fn answer_have(
        &self,
        send: &mut SendStream,
        requester: &Requester,
        objects: &[ContentId],
    ) -> Result<(), ContentError> {
        let mut answer = vec![ACCEPTED];

        for object in objects {
            let readable = self.admission.find_readable(requester, *object).await;
            answer.push(u8::from(readable.is_ok()));
        }
        self.answer(send, &answer).await
    }

    /// An object that this peer may read.
    async fn find_object(
        &self,
        requester: &Requester,
        object: ContentId,
        max_bytes: u64,
    ) -> Result<FoundObject, ContentRefusal> {
        self.check_credential(requester)?;
        let store = self.admission.find_readable(requester, object).await?;

        let sized = store.clone();
        let sizing = DiskUser::Peer.run_work(move || Ok(sized.content_size(&object)?));
        let content_bytes = sizing.await.map_err(|_| ContentRefusal::NotFound)?;

        if content_bytes > max_bytes {
            return Err(ContentRefusal::TooLarge);
        }
        Ok(FoundObject { store, content_bytes })
    }

    async fn send_object(
        &self,
        send: &mut SendStream,
        object: ContentId,
        skip_blocks: u64,
        found: FoundObject,
    ) -> Result<(), ContentError> {
        let FoundObject { store, content_bytes } = found;
        let mut answer = vec![ACCEPTED];
        answer.extend(content_bytes.to_le_bytes());
        write_message(send, &answer, self.timeouts.message).await?;

        let limit = self.bounds.time_limit(content_bytes);
        let sending = send_blocks(send, &store, object, skip_blocks, DiskUser::Peer, self.timeouts);
        let sent = timeout(limit, sending).await.unwrap_or_else(|_| {
            Err(StreamError::Lost("the peer reads slower than the lowest speed".into()).into())
        });
        if let Err(error) = sent {
            // Not an end: what has arrived is good.
            let _ = send.reset(CANCELED);
            return Err(error);
        }

        // Fails only if the peer has canceled the stream.
        let _ = send.finish();
        // What is sent and not acknowledged is in memory: until then the transfer lasts.
        if timeout(self.timeouts.block, send.stopped()).await.is_err() {
            let _ = send.reset(CANCELED);
        }
        Ok(())
    }

    async fn admit_offer(
        &self,
        requester: &Requester,
        offer: &ContentOffer,
    ) -> Result<A::Reservation, ContentRefusal> {
        self.check_credential(requester)?;
        let reservation = self.admission.reserve_room(requester, offer).await?;

        // Said only to those whose offer is admitted. This job needs the object, too.
        if reservation.store().unwrap_or(&self.store).has_file(&offer.object) {
            let keeping = DiskUser::Peer.run_work(move || {
                reservation.keep_known();
                Ok(())
            });
            keeping.await.map_err(|_| ContentRefusal::Busy)?;
            return Err(ContentRefusal::AlreadyHeld);
        }
        Ok(reservation)
    }

    async fn take_offer(
        &self,
        send: &mut SendStream,
        recv: &mut RecvStream,
        offer: &ContentOffer,
        reservation: A::Reservation,
    ) -> Result<(), ContentError> {
        let store = reservation.store().unwrap_or(&self.store).clone();
        let offer = *offer;
        let max_rest_bytes = self.bounds.max_rest_bytes;
        let opening = DiskUser::Peer.run_work(move || {
            remove_rests(&store, max_rest_bytes)?;
            StagedObject::open(&store, offer.object, offer.content_bytes)
        });
        let staged = match opening.await {
            Ok(staged) => Box::new(staged),
            Err(ContentError::Running) => return self.refuse(send, ContentRefusal::Busy).await,
            Err(error) => {
                self.refuse(send, ContentRefusal::Full).await?;
                return Err(error);
            }
        };

        let mut answer = vec![ACCEPTED];
        answer.extend((staged.block_count() as u64).to_le_bytes());
        write_message(send, &answer, self.timeouts.message).await?;

        let bytes = offer.content_bytes;
        let end = reservation.watch_end();
        let on_stored = move || reservation.keep();
        let receiving =
            receive_object(recv, staged, bytes, DiskUser::Peer, self.timeouts, on_stored);
        let received = tokio::select! {
            received = timeout(self.bounds.time_limit(bytes), receiving) => received,
            () = wait_for_end(end) => return self.refuse(send, ContentRefusal::NotAdmitted).await,
        };

        match received {
            Ok(Ok(())) => self.answer(send, &[ACCEPTED]).await,
            // What has arrived stays for the next attempt.
            Err(_) => self.refuse(send, ContentRefusal::Busy).await,
            Ok(Err(error)) => {
                let refusal = if error.is_fault() {
                    ContentRefusal::BadTransfer
                } else {
                    ContentRefusal::Full
                };
                self.refuse(send, refusal).await?;
                Err(error)
            }
        }
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

/// Waits until nobody wants a reserved object.
async fn wait_for_end(end: Option<watch::Receiver<()>>) {
    match end {
        Some(mut end) => while end.changed().await.is_ok() {},
        None => pending().await,
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

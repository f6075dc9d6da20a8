//! Answers requests for content.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use nosana_job_spec::ContentId;
use nosana_store::Store;
use rust_unixfs::file::visit::IdleFileVisit;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::debug;

use super::{
    Admission, ContentError, ContentOffer, ContentRefusal, Requester, Reservation,
    message::{ACCEPTED, CONTENT_ALPN, ContentRequest},
    staged::StagedObject,
    transfer::{
        CANCELED, TransferTimeouts, WRONG_CONTENT, receive_object, run_blocking, send_blocks,
    },
};
use crate::access::{Credential, Peers};
use crate::stream::{MAX_MESSAGE_BYTES, accept_stream, read_message, widen_window, write_message};
use crate::transport::ConnectionHandler;
use crate::{Clock, StreamError};

/// Bounds of a service.
#[derive(Clone, Copy, Debug)]
pub struct ContentBounds {
    /// The most transfers at once, of all peers.
    pub transfers: usize,
    /// The longest time of a request or an answer.
    pub message_timeout: Duration,
    /// The longest time of a block. 30 s are 70 kB/s for the largest.
    pub block_timeout: Duration,
    /// A connection without requests is closed after this time.
    pub idle_timeout: Duration,
}

impl Default for ContentBounds {
    fn default() -> Self {
        Self {
            transfers: 32,
            message_timeout: Duration::from_secs(10),
            block_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
        }
    }
}

impl ContentBounds {
    pub(super) const fn timeouts(&self) -> TransferTimeouts {
        TransferTimeouts { message: self.message_timeout, block: self.block_timeout }
    }
}

/// Serves the objects of a store.
#[derive(Debug)]
pub struct ContentService<A, C> {
    store: Store,
    admission: A,
    clock: C,
    node: iroh::EndpointId,
    transfers: Semaphore,
    timeouts: TransferTimeouts,
    idle_timeout: Duration,
}

impl<A: Admission, C: Clock> ContentService<A, C> {
    /// Serves `store` under the endpoint `node`. The store must have no IPFS node: strangers
    /// would make it search.
    pub fn new(
        store: Store,
        admission: A,
        clock: C,
        node: iroh::EndpointId,
        bounds: ContentBounds,
    ) -> Self {
        let transfers = Semaphore::new(bounds.transfers);
        let timeouts = bounds.timeouts();
        let idle_timeout = bounds.idle_timeout;
        Self { store, admission, clock, node, transfers, timeouts, idle_timeout }
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
                match self.find_object(&requester, object, max_bytes).await {
                    Ok(content_bytes) => {
                        self.send_object(&mut send, object, skip_blocks, content_bytes).await
                    }
                    Err(refusal) => self.refuse(&mut send, refusal).await,
                }
            }
            ContentRequest::Offer { credential, offer } => {
                let requester = requester(credential);
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

    async fn answer_have(
        &self,
        send: &mut SendStream,
        requester: &Requester,
        objects: &[ContentId],
    ) -> Result<(), ContentError> {
        let mut answer = vec![ACCEPTED];

        for object in objects {
            let is_here = self.store.has_file(object);
            let may_read = is_here && self.admission.may_read(requester, *object).await;
            answer.push(u8::from(may_read));
        }
        self.answer(send, &answer).await
    }

    /// The size of an object that this peer may read.
    async fn find_object(
        &self,
        requester: &Requester,
        object: ContentId,
        max_bytes: u64,
    ) -> Result<u64, ContentRefusal> {
        self.check_credential(requester)?;
        if !self.store.has_file(&object) || !self.admission.may_read(requester, object).await {
            return Err(ContentRefusal::NotFound);
        }

        let store = self.store.clone();
        let root = run_blocking(move || Ok(store.get_block(&object)?)).await;
        let root = root.map_err(|_| ContentRefusal::NotFound)?;
        let (_, content_bytes, _, _) =
            IdleFileVisit::default().start(&root).map_err(|_| ContentRefusal::NotFound)?;

        if content_bytes > max_bytes {
            return Err(ContentRefusal::TooLarge);
        }
        Ok(content_bytes)
    }

    async fn send_object(
        &self,
        send: &mut SendStream,
        object: ContentId,
        skip_blocks: u64,
        content_bytes: u64,
    ) -> Result<(), ContentError> {
        let Ok(_permit) = self.transfers.try_acquire() else {
            return self.refuse(send, ContentRefusal::Busy).await;
        };

        let mut answer = vec![ACCEPTED];
        answer.extend(content_bytes.to_le_bytes());
        write_message(send, &answer, self.timeouts.message).await?;
        let sent = send_blocks(send, &self.store, object, skip_blocks, self.timeouts).await;
        if let Err(error) = sent {
            // Not an end: what has arrived is good.
            let _ = send.reset(CANCELED);
            return Err(error);
        }
        // Fails only if the peer has canceled the stream.
        let _ = send.finish();
        Ok(())
    }

    async fn admit_offer(
        &self,
        requester: &Requester,
        offer: &ContentOffer,
    ) -> Result<A::Reservation, ContentRefusal> {
        self.check_credential(requester)?;
        let reservation = self.admission.reserve_room(requester, offer).await?;

        // Said only to those whose offer is admitted.
        if self.store.has_file(&offer.object) {
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
        let Ok(_permit) = self.transfers.try_acquire() else {
            return self.refuse(send, ContentRefusal::Busy).await;
        };
        let (store, offer) = (self.store.clone(), *offer);
        let opened =
            run_blocking(move || StagedObject::open(&store, offer.object, offer.content_bytes));
        let staged = match opened.await {
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

        match receive_object(recv, staged, offer.content_bytes, self.timeouts).await {
            Ok(()) => {
                reservation.keep();
                self.answer(send, &[ACCEPTED]).await
            }
            Err(error) => {
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
            let idle_end = streams.is_empty().then(|| Instant::now() + self.idle_timeout);
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

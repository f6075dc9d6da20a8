//! Sends requests for content.

use iroh::EndpointId;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use nosana_job_spec::ContentId;
use nosana_store::Store;

use super::{
    ContentBounds, ContentError, ContentOffer, ContentRefusal, MAX_QUERIED_OBJECTS,
    message::{ACCEPTED, ContentRequest},
    staged::StagedObject,
    transfer::{CANCELED, DiskUser, TransferTimeouts, WRONG_CONTENT, receive_object, send_blocks},
};
use crate::StreamError;
use crate::access::Credential;
use crate::stream::{MAX_MESSAGE_BYTES, lost, read_message, write_message};
use crate::wire::Decoder;

/// What an offer led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferOutcome {
    /// The peer has stored it.
    Stored,
    /// The peer had it already.
    AlreadyHeld,
}

/// Requests to one peer.
#[derive(Clone, Debug)]
pub struct ContentClient {
    connection: Connection,
    credential: Option<Credential>,
    timeouts: TransferTimeouts,
}

impl ContentClient {
    /// Requests over a connection with [`CONTENT_ALPN`](super::CONTENT_ALPN), which ends when the
    /// last clone of its endpoint is dropped. Private content requires a credential for its job.
    pub const fn new(
        connection: Connection,
        credential: Option<Credential>,
        bounds: ContentBounds,
    ) -> Self {
        Self { connection, credential, timeouts: bounds.timeouts() }
    }

    /// The same connection, with a credential from now on.
    #[must_use]
    pub fn with_credential(self, credential: Credential) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// The peer's endpoint, which the handshake proved.
    pub fn remote_id(&self) -> EndpointId {
        self.connection.remote_id()
    }

    /// Whether the connection can be used for another request.
    pub fn is_open(&self) -> bool {
        self.connection.close_reason().is_none()
    }

    /// Which of these objects the peer has and lets this endpoint read.
    ///
    /// # Errors
    /// If the peer does not answer as documented.
    pub async fn query_objects(&self, objects: &[ContentId]) -> Result<Vec<bool>, ContentError> {
        let mut found = Vec::with_capacity(objects.len());

        for objects in objects.chunks(MAX_QUERIED_OBJECTS) {
            let request = ContentRequest::Have { objects: objects.to_vec() };
            let (_, mut recv) = self.send_request(&request).await?;
            let answer = self.read_answer(&mut recv).await?;

            let mut decoder = Decoder::new("answer", &answer);
            for _ in objects {
                found.push(decoder.flag().map_err(StreamError::from)?);
            }
            decoder.finish().map_err(StreamError::from)?;
        }
        Ok(found)
    }

    /// Fetches an object of at most `max_bytes` into the store, and returns the size of its
    /// content. Continues an earlier attempt that lost its connection, also one with another peer.
    ///
    /// # Errors
    /// If the peer refuses, breaks the protocol, or is lost. A peer that broke the protocol is cut
    /// off, and nothing that it sent is kept.
    pub async fn fetch_object(
        &self,
        store: &Store,
        object: ContentId,
        max_bytes: u64,
    ) -> Result<u64, ContentError> {
        let fetched = self.try_fetch(store, object, max_bytes).await;
        self.close_on_fault(fetched)
    }

    async fn try_fetch(
        &self,
        store: &Store,
        object: ContentId,
        max_bytes: u64,
    ) -> Result<u64, ContentError> {
        let local_store = store.clone();
        let staged = DiskUser::Own
            .run_work(move || StagedObject::open(&local_store, object, max_bytes))
            .await?;
        let request = ContentRequest::Get {
            credential: self.credential.clone(),
            object,
            skip_blocks: staged.block_count() as u64,
            max_bytes,
        };

        let (_send, mut recv) = self.send_request(&request).await?;
        let answer = self.read_answer(&mut recv).await?;
        let announced = read_number(&answer)?;
        if announced > max_bytes {
            return Err(ContentError::Refused(ContentRefusal::TooLarge));
        }

        let staged = Box::new(staged);
        receive_object(&mut recv, staged, announced, DiskUser::Own, self.timeouts, || {}).await?;
        Ok(announced)
    }

    /// Offers an object of the store, and sends it if the peer wants it.
    ///
    /// # Errors
    /// If the peer refuses or is lost, or the object is not in the store.
    pub async fn offer_object(
        &self,
        store: &Store,
        offer: ContentOffer,
    ) -> Result<OfferOutcome, ContentError> {
        let offered = self.try_offer(store, offer).await;
        self.close_on_fault(offered)
    }

    async fn try_offer(
        &self,
        store: &Store,
        offer: ContentOffer,
    ) -> Result<OfferOutcome, ContentError> {
        let request = ContentRequest::Offer { credential: self.credential.clone(), offer };
        let (mut send, mut recv) = self.send_request(&request).await?;

        let answer = match self.read_answer(&mut recv).await {
            Err(ContentError::Refused(ContentRefusal::AlreadyHeld)) => {
                return Ok(OfferOutcome::AlreadyHeld);
            }
            answer => answer?,
        };
        let skip_blocks = read_number(&answer)?;

        let (disk, timeouts) = (DiskUser::Own, self.timeouts);
        match send_blocks(&mut send, store, offer.object, skip_blocks, disk, timeouts).await {
            Ok(()) => {
                // Fails only if the peer has canceled the stream; its answer says why.
                let _ = send.finish();
            }
            // The peer cancels the stream and then says why.
            Err(ContentError::Stream(StreamError::Lost(_))) => {}
            Err(error) => {
                let _ = send.reset(CANCELED);
                return Err(error);
            }
        }

        // It writes everything to its disk first.
        let limit = self.timeouts.block.saturating_mul(4);
        let answer = read_message(&mut recv, MAX_MESSAGE_BYTES, limit).await?;
        check_answer(&answer)?;
        Ok(OfferOutcome::Stored)
    }

    async fn send_request(
        &self,
        request: &ContentRequest,
    ) -> Result<(SendStream, RecvStream), ContentError> {
        let (mut send, recv) = self.connection.open_bi().await.map_err(lost)?;

        write_message(&mut send, &request.encode(), self.timeouts.message).await?;
        Ok((send, recv))
    }

    /// What follows the code of an answer that is not a refusal.
    async fn read_answer(&self, recv: &mut RecvStream) -> Result<Vec<u8>, ContentError> {
        let answer = read_message(recv, MAX_MESSAGE_BYTES, self.timeouts.message).await?;

        check_answer(&answer).map(<[u8]>::to_vec)
    }

    fn close_on_fault<T>(&self, result: Result<T, ContentError>) -> Result<T, ContentError> {
        if result.as_ref().is_err_and(ContentError::is_fault) {
            self.connection.close(WRONG_CONTENT, b"protocol error");
        }
        result
    }
}

fn check_answer(answer: &[u8]) -> Result<&[u8], ContentError> {
    let mut decoder = Decoder::new("answer", answer);

    match decoder.byte().map_err(StreamError::from)? {
        ACCEPTED => Ok(decoder.remainder()),
        code => Err(ContentRefusal::from_code(code).map_or_else(
            || StreamError::from(Decoder::new("answer", &[]).invalid("its code is unknown")).into(),
            ContentError::Refused,
        )),
    }
}

fn read_number(answer: &[u8]) -> Result<u64, ContentError> {
    let mut decoder = Decoder::new("answer", answer);
    let number = decoder.u64().map_err(StreamError::from)?;

    decoder.finish().map_err(StreamError::from)?;
    Ok(number)
}

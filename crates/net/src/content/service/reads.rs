//! Sends objects, and says which are here.

use iroh::endpoint::SendStream;
use nosana_job_spec::ContentId;
use nosana_store::Store;
use tokio::time::timeout;

use super::ContentService;
use crate::content::{
    Admission, ContentError, ContentRefusal, Requester,
    message::ACCEPTED,
    transfer::{CANCELED, DiskUser, send_blocks},
};
use crate::stream::write_message;
use crate::{Clock, StreamError};

/// An object that a peer may read.
pub(super) struct FoundObject {
    store: Store,
    content_bytes: u64,
}

impl<A: Admission, C: Clock> ContentService<A, C> {
    pub(super) async fn answer_have(
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
    pub(super) async fn find_object(
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

    pub(super) async fn send_object(
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
}

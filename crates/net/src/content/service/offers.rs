//! Takes offered objects into a store.

use std::future::pending;

use iroh::endpoint::{RecvStream, SendStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::ContentService;
use crate::Clock;
use crate::content::{
    Admission, ContentError, ContentOffer, ContentRefusal, Requester, Reservation,
    message::ACCEPTED,
    staged::{StagedObject, remove_rests},
    transfer::{DiskUser, receive_object},
};
use crate::stream::write_message;

impl<A: Admission, C: Clock> ContentService<A, C> {
    pub(super) async fn admit_offer(
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

    pub(super) async fn take_offer(
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
}

/// Waits until nobody wants a reserved object.
async fn wait_for_end(end: Option<watch::Receiver<()>>) {
    match end {
        Some(mut end) => while end.changed().await.is_ok() {},
        None => pending().await,
    }
}

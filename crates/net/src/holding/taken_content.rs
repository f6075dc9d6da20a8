//! Content of the public jobs that this node has taken: it comes beyond what the node keeps for
//! others, within bounds of its own, and goes with the job.

use nosana_client::jobs::accounts::Job;
use solana_address::Address;
use tracing::warn;

use super::{
    ChainAdmission, bounds::max_content_bytes, chain_admission::Shared, taken_jobs::TakenJob,
};
use crate::content::{ContentOffer, ContentRefusal, HeldBytes};

impl ChainAdmission {
    /// Accepts content of a public job that this node has taken, beyond what it keeps for others,
    /// until the returned value is dropped.
    pub fn take_job(&self, job: Address) -> TakenJob {
        self.shared.taken.begin_job(job)
    }

    /// Removes the content that came because this node had taken a public job, which is over or goes
    /// back: the store of the node's own jobs has what others may need of it.
    pub fn discard_taken(&self, taken: TakenJob) {
        let job = taken.job();
        // First, so that a transfer which ends now removes what it brought.
        drop(taken);
        self.shared.discard_taken(&job);
    }
}

impl Shared {
    /// Reserves room for an object of a public job: one that this node has taken needs none of the
    /// room for others.
    pub(super) fn reserve_public(
        &self,
        job: &Job,
        offer: &ContentOffer,
        is_taken: bool,
    ) -> Result<HeldBytes, ContentRefusal> {
        if !is_taken {
            return self.budget.reserve_bytes(offer.job, offer.content_bytes);
        }

        let is_definition = offer.object.digest() == job.definition;
        if offer.content_bytes > max_content_bytes(is_definition) {
            return Err(ContentRefusal::TooLarge);
        }
        self.taken_budget.reserve_bytes(offer.job, offer.content_bytes)
    }

    /// Whether content of one more job may come, if at most so many are listed. The jobs of others
    /// must not keep out what this node needs.
    pub(super) fn has_place(&self, job: &Address, is_taken: bool, max_jobs: usize) -> bool {
        is_taken || self.held.object_count(job).is_some() || self.held.job_count() < max_jobs
    }

    /// Removes what came for a public job because this node had taken it.
    pub(super) fn discard_taken(&self, job: &Address) {
        match self.held.remove_taken(job) {
            Ok(()) => self.taken_budget.release_job(job),
            // The next sweep after the end of the job removes it.
            Err(error) => warn!(%job, %error, "cannot remove content of a job of this node"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use nosana_job_spec::ContentId;

    use super::*;
    use crate::content::Reservation;
    use crate::holding::{HeldObject, tests::new_admission};

    const JOB: Address = Address::new_from_array([3; 32]);
    const OTHER: Address = Address::new_from_array([4; 32]);
    const BYTES: u64 = 1 << 30;

    /// A node in this folder, which reads nothing from the chain.
    fn open_node(folder: &Path) -> ChainAdmission {
        new_admission(folder, "http://127.0.0.1:1")
    }

    /// The end of a transfer for a job that the node has taken.
    fn begin_transfer(admission: &ChainAdmission, byte: u8) -> HeldObject {
        let shared = Arc::clone(&admission.shared);
        let object = ContentId::from_digest([byte; 32]);
        let bytes = shared.taken_budget.reserve_bytes(JOB, BYTES).unwrap();
        let offer = ContentOffer { job: JOB, object, content_bytes: BYTES };
        HeldObject { shared, bytes, offer, private: None, is_taken: true }
    }

    #[tokio::test]
    async fn content_of_a_job_that_goes_back_goes_too_and_its_room_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let admission = open_node(folder.path());
        let shared = &admission.shared;
        let strangers = ContentId::from_digest([9; 32]);
        shared.held.add_objects(JOB, [(strangers, 5)], 0).unwrap();
        shared.budget.reserve_bytes(JOB, 5).unwrap().keep();
        let held_before = shared.budget.held_bytes();

        let taken = admission.take_job(JOB);
        begin_transfer(&admission, 1).keep();
        let late = begin_transfer(&admission, 2);
        assert!(shared.taken_budget.held_bytes() >= 2 * BYTES);
        admission.discard_taken(taken);
        late.keep();

        assert_eq!(shared.taken_budget.held_bytes(), 0);
        assert_eq!(shared.budget.held_bytes(), held_before);
        assert_eq!(shared.held.list_objects(), [strangers], "what was held before stays");
    }

    #[tokio::test]
    async fn what_came_for_a_job_of_the_node_uses_no_room_for_others_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let admission = open_node(folder.path());
        let taken = admission.take_job(JOB);
        begin_transfer(&admission, 1).keep();
        let kept = admission.shared.taken_budget.held_bytes();
        drop((taken, admission));

        let admission = open_node(folder.path());
        assert_eq!(admission.held_bytes(), 0);
        assert_eq!(admission.shared.taken_budget.held_bytes(), kept);
    }

    #[tokio::test]
    async fn content_for_all_jobs_of_the_node_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let budget = open_node(folder.path()).shared.taken_budget.clone();
        let reserve = |byte: u8| {
            let job = Address::new_from_array([byte; 32]);
            budget.reserve_bytes(job, 7 << 30).map(Reservation::keep)
        };

        for byte in 1..=4 {
            reserve(byte).unwrap();
        }
        assert_eq!(reserve(5), Err(ContentRefusal::Full));
    }

    #[tokio::test]
    async fn the_jobs_of_others_do_not_keep_out_what_the_node_needs() {
        let folder = tempfile::tempdir().unwrap();
        let shared = Arc::clone(&open_node(folder.path()).shared);
        shared.held.add_objects(OTHER, [(ContentId::from_digest([1; 32]), 5)], 0).unwrap();

        let has_place = |job, is_taken| shared.has_place(&job, is_taken, 1);
        assert!(has_place(JOB, true) && has_place(OTHER, false));
        assert!(!has_place(JOB, false));
    }
}

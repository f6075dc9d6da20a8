//! Decides about requests for content by the chain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use nosana_client::Session;
use nosana_job_spec::ContentId;
use nosana_store::Store;
use solana_address::Address;
use tokio::sync::watch;
use tracing::warn;

use super::{
    JobIndex, PrivateJobs,
    bounds::{MAX_OWN_BYTES_PER_JOB, MAX_TAKEN_BYTES, has_free_disk},
    chain_clock::ChainClock,
    doubts::Doubts,
    input_cache::InputCache,
    job_index::JobObjects,
    job_reader::JobReader,
    named_content::{NameCache, NamedContent},
    own_job_reader::OwnJobReader,
    private_jobs::ActiveStore,
    sweep::is_over,
    taken_jobs::TakenJobs,
};
use crate::content::{
    Admission, ContentOffer, ContentRefusal, HeldBytes, HoldBudget, Requester, Reservation,
};
use crate::{Clock, SystemClock};

/// The most jobs whose content is kept. Each is read from the chain from time to time.
const MAX_JOBS: usize = 4_096;

/// How much a node keeps for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLimits {
    /// For each job, in bytes.
    pub bytes_per_job: u64,
    /// In all, in bytes; zero keeps nothing.
    pub bytes_in_all: u64,
}

impl Default for HoldLimits {
    fn default() -> Self {
        Self { bytes_per_job: 256 << 20, bytes_in_all: 10 << 30 }
    }
}

/// The decisions of a node. Clones share them.
#[derive(Clone, Debug)]
pub struct ChainAdmission {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) reader: JobReader,
    /// When jobs were settled counts by the chain's clock.
    pub(super) clock: ChainClock,
    pub(super) held: JobIndex,
    pub(super) held_store: Store,
    pub(super) budget: HoldBudget,
    /// The public jobs of this node. Their content is in the same store, and counts apart.
    pub(super) taken: TakenJobs,
    pub(super) taken_budget: HoldBudget,
    own: JobIndex,
    /// What the node has read of disputed jobs that it judges. It is in the store of its own jobs.
    pub(super) judged: JobIndex,
    own_store: Store,
    /// What jobs name.
    pub(super) names: NameCache,
    /// Content of this node's private jobs.
    pub(super) private: Arc<PrivateJobs>,
    pub(super) private_budget: HoldBudget,
    /// Their accounts: strangers must not use up the reads of their parties.
    pub(super) own_reader: OwnJobReader,
    /// What their definitions name.
    pub(super) private_inputs: InputCache,
    /// Since when the chain contradicts that this node has their results.
    pub(super) doubts: Doubts,
    /// Reports of running services, which change with each heartbeat.
    reports: Mutex<HashMap<Address, Vec<ContentId>>>,
}

impl Shared {
    /// Forgets the reports of a job that is over.
    pub(super) fn remove_reports(&self, job: &Address) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).remove(job);
    }

    /// The bytes that peers were promised at the same time and that may be still to come, for
    /// public and for private jobs: they share a disk.
    pub(super) fn reserved_bytes(&self) -> u64 {
        let budgets = [&self.budget, &self.taken_budget, &self.private_budget];
        let reserved = budgets.into_iter().map(HoldBudget::reserved_bytes);
        reserved.fold(0, u64::saturating_add)
    }

    fn is_report(&self, object: &ContentId) -> bool {
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports.values().any(|of_job| of_job.contains(object))
    }
}

impl ChainAdmission {
    /// The decisions of a node with these stores: `own` and `own_store` for content of its own
    /// jobs, and `judged` for that of jobs that it judges, in the same store; `held` and
    /// `held_store` for what it keeps for others. What `held` lists counts. `private` has the
    /// content of its private jobs.
    pub fn new(
        session: Session,
        (own, judged, own_store): (JobIndex, JobIndex, Store),
        (held, held_store): (JobIndex, Store),
        private: PrivateJobs,
        limits: HoldLimits,
    ) -> Self {
        let budget = HoldBudget::new(limits.bytes_per_job, limits.bytes_in_all);
        let taken_budget = HoldBudget::new(MAX_OWN_BYTES_PER_JOB, MAX_TAKEN_BYTES);
        for (job, JobObjects { objects, taken, .. }) in held.list_jobs() {
            for (object, content_bytes) in objects {
                let budget = if taken.contains(&object) { &taken_budget } else { &budget };
                // Over a limit that was lowered: the next sweeps make room.
                if let Ok(reservation) = budget.reserve_bytes(job, content_bytes) {
                    reservation.keep();
                }
            }
        }

        let (reader, own_reader) = (JobReader::new(session.clone()), OwnJobReader::new(session));
        let own_store = own_store.without_sources();
        let shared = Shared {
            reader,
            clock: ChainClock::default(),
            held,
            held_store,
            budget,
            taken: TakenJobs::default(),
            taken_budget,
            own,
            judged,
            own_store,
            names: NameCache::default(),
            private: Arc::new(private),
            private_budget: HoldBudget::new(MAX_OWN_BYTES_PER_JOB, u64::MAX),
            own_reader,
            private_inputs: InputCache::default(),
            doubts: Doubts::default(),
            reports: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The store of what is kept for others.
    pub fn held_store(&self) -> &Store {
        &self.shared.held_store
    }

    /// The content of this node's private jobs.
    pub fn private_jobs(&self) -> &Arc<PrivateJobs> {
        &self.shared.private
    }

    /// The bytes that are kept for others.
    pub fn held_bytes(&self) -> u64 {
        self.shared.budget.held_bytes()
    }

    /// Lets others read content of a job that this node runs.
    pub fn publish_content(&self, job: Address, contents: &[ContentId]) {
        let now = SystemClock.unix_seconds();

        // The size counts for what is kept for others only.
        let objects = contents.iter().map(|object| (*object, 0));
        if let Err(error) = self.shared.own.add_objects(job, objects, now) {
            warn!(%job, %error, "others cannot read content of a job of this node");
        }
    }

    /// Lets others read the last report of a service that this node runs, and the one before, which
    /// a client may be reading.
    pub fn publish_report(&self, job: Address, report: ContentId) {
        let mut reports = self.shared.reports.lock().unwrap_or_else(PoisonError::into_inner);
        let of_job = reports.entry(job).or_default();

        of_job.retain(|known| *known != report);
        of_job.push(report);
        let excess = of_job.len().saturating_sub(2);
        of_job.drain(..excess);
    }

    /// The jobs of this node whose content others may read.
    pub(super) fn own_index(&self) -> &JobIndex {
        &self.shared.own
    }
}

/// Room for an object that a job names.
#[derive(Debug)]
pub struct HeldObject {
    pub(super) shared: Arc<Shared>,
    pub(super) bytes: HeldBytes,
    pub(super) offer: ContentOffer,
    /// The job's own store, if the job is private.
    pub(super) private: Option<ActiveStore>,
    /// Whether it comes because this node has taken the public job.
    pub(super) is_taken: bool,
}

impl Reservation for HeldObject {
    fn store(&self) -> Option<&Store> {
        self.private.as_ref().map(|active| &active.store)
    }

    fn watch_end(&self) -> Option<watch::Receiver<()>> {
        self.private.as_ref().map(|active| active.end.clone())
    }

    fn keep(self) {
        if self.private.is_some() {
            return self.bytes.keep();
        }
        let ContentOffer { job, object, content_bytes } = self.offer;
        let now = SystemClock.unix_seconds();

        let added = if self.is_taken {
            self.shared.held.add_taken(job, (object, content_bytes), now)
        } else {
            self.shared.held.add_objects(job, [(object, content_bytes)], now)
        };
        match added {
            // The job has gone back meanwhile.
            Ok(1) if self.is_taken && !self.shared.taken.has_job(&job) => {
                self.shared.discard_taken(&job);
            }
            Ok(1) => self.bytes.keep(),
            // The job has it already: it counts once, however often it is offered.
            Ok(_) => {}
            // The next sweep removes it.
            Err(error) => warn!(%job, %error, "cannot keep content"),
        }
    }

    fn keep_known(self) {
        // The store of a private job has it once, however often it is offered.
        if self.private.is_none() {
            self.keep();
        }
    }
}

impl Admission for ChainAdmission {
    type Reservation = HeldObject;

    async fn find_readable(
        &self,
        requester: &Requester,
        object: ContentId,
    ) -> Result<Store, ContentRefusal> {
        if let Some(store) = self.find_private(requester, &object).await? {
            return Ok(store);
        }
        let Shared { held, held_store, own, judged, own_store, .. } = &*self.shared;

        let is_own =
            own.has_object(&object) || judged.has_object(&object) || self.shared.is_report(&object);
        let places = [(is_own, own_store), (held.has_object(&object), held_store)];
        let found = places.into_iter().find(|(is_here, store)| *is_here && store.has_file(&object));
        found.map(|(_, store)| store.clone()).ok_or(ContentRefusal::NotFound)
    }

    async fn is_party(&self, requester: &Requester) -> bool {
        matches!(self.find_party(requester).await, Ok(Some(_)))
    }

    async fn reserve_room(
        &self,
        requester: &Requester,
        offer: &ContentOffer,
    ) -> Result<HeldObject, ContentRefusal> {
        // Without the reads that strangers share.
        if let Some(active) = self.shared.private.find_active(&offer.job) {
            return self.reserve_private(requester, offer, active).await;
        }

        let found = self.shared.reader.find_job(&offer.job, requester.endpoint()).await;
        let job = found.map_err(|_| ContentRefusal::Busy)?.ok_or(ContentRefusal::NotAdmitted)?;
        let now = self.shared.clock.unix_seconds();

        if job.is_private != 0 || is_over(&job, now) {
            return Err(ContentRefusal::NotAdmitted);
        }
        let is_taken = self.shared.taken.has_job(&offer.job);
        if !self.shared.has_place(&offer.job, is_taken, MAX_JOBS) {
            return Err(ContentRefusal::Full);
        }
        let names = NamedContent {
            cache: &self.shared.names,
            held: &self.shared.held,
            held_store: &self.shared.held_store,
            address: offer.job,
            job: &job,
        };
        let max_bytes = names.max_bytes(offer.object).await.ok_or(ContentRefusal::NotAdmitted)?;
        if offer.content_bytes > max_bytes {
            return Err(ContentRefusal::TooLarge);
        }
        let bytes = self.shared.reserve_public(&job, offer, is_taken)?;
        // With everything that others were promised at the same time.
        if !has_free_disk(self.shared.held_store.folder(), self.shared.reserved_bytes()) {
            return Err(ContentRefusal::Full);
        }
        let shared = Arc::clone(&self.shared);
        Ok(HeldObject { shared, bytes, offer: *offer, private: None, is_taken })
    }
}

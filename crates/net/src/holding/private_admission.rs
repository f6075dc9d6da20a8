//! Decides about requests for content of private jobs: only the job's client and payer send and read
//! it, and they send it only while this node has the job.
//!
//! The order of the checks is that of what a stranger learns from them. First what the peer itself
//! sent, then whether the node has such a job, which the chain says as well, then the job's parties.
//! Only for them it matters which objects are here: the answer to everybody else, and the time that
//! it takes, is the same for those that are and those that are not.

use std::sync::Arc;

use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_store::Store;
use solana_address::Address;

use super::{
    ChainAdmission, HeldObject,
    bounds::{has_free_disk, max_content_bytes},
    private_jobs::ActiveStore,
    sweep::is_over,
};
use crate::Clock;
use crate::access::JobParties;
use crate::content::{ContentOffer, ContentRefusal, Requester};

impl ChainAdmission {
    /// The private job of this node whose party this peer is, by its credential; `None` if it is
    /// none.
    ///
    /// # Errors
    /// If the chain does not answer.
    pub(super) async fn find_party(
        &self,
        requester: &Requester,
    ) -> Result<Option<Address>, ContentRefusal> {
        let Some(address) = requester.signed_job() else { return Ok(None) };
        if !self.shared.private.has_job(address) {
            return Ok(None);
        }

        let found = self.shared.own_reader.find_job(address).await;
        let job = found.map_err(|_| ContentRefusal::Busy)?;
        let is_party =
            job.is_some_and(|job| requester.check_party(address, &parties_of(&job)).is_ok());
        Ok(is_party.then_some(*address))
    }

    /// The store of the private job that the credential names, if this peer is a party of the job
    /// and the object is there.
    ///
    /// # Errors
    /// If the chain does not answer.
    pub(super) async fn find_private(
        &self,
        requester: &Requester,
        object: &ContentId,
    ) -> Result<Option<Store>, ContentRefusal> {
        let Some(address) = self.find_party(requester).await? else { return Ok(None) };

        let store = self.shared.private.find_store(&address);
        Ok(store.filter(|store| store.has_file(object)))
    }

    /// Reserves room for content of a private job that this node has taken, which a party sends.
    pub(super) async fn reserve_private(
        &self,
        requester: &Requester,
        offer: &ContentOffer,
        active: ActiveStore,
    ) -> Result<HeldObject, ContentRefusal> {
        let shared = &self.shared;
        if requester.signed_job() != Some(&offer.job) {
            return Err(ContentRefusal::Credential);
        }
        let found = shared.own_reader.find_job(&offer.job).await;
        let job = found.map_err(|_| ContentRefusal::Busy)?.ok_or(ContentRefusal::NotAdmitted)?;
        let party = requester.check_party(&offer.job, &parties_of(&job));
        party.map_err(|_| ContentRefusal::Credential)?;

        let definition = ContentId::from_digest(job.definition);
        let is_definition = offer.object == definition;
        if is_over(&job, shared.clock.unix_seconds()) {
            return Err(ContentRefusal::NotAdmitted);
        }
        if offer.content_bytes > max_content_bytes(is_definition) {
            return Err(ContentRefusal::TooLarge);
        }
        let inputs = &shared.private_inputs;
        if !is_definition && !inputs.has_input(&active.store, definition, offer.object).await {
            return Err(ContentRefusal::NotAdmitted);
        }

        let bytes = shared.private_budget.reserve_bytes(offer.job, offer.content_bytes)?;
        if !has_free_disk(active.store.folder(), shared.reserved_bytes()) {
            return Err(ContentRefusal::Full);
        }
        let shared = Arc::clone(shared);
        Ok(HeldObject { shared, bytes, offer: *offer, private: Some(active), is_taken: false })
    }
}

const fn parties_of(job: &Job) -> JobParties {
    JobParties { client: job.client, payer: job.payer }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpListener;

    use iroh::SecretKey;
    use nosana_client::Session;
    use solana_keypair::Keypair;

    use super::*;
    use crate::SystemClock;
    use crate::access::{AccessRequest, Credential, Peers};
    use crate::content::Admission;
    use crate::holding::{ActivePrivateJob, HoldLimits, JobIndex, PrivateJobs};

    const JOB: Address = Address::new_from_array([3; 32]);

    struct Fixture {
        _folder: tempfile::TempDir,
        _active: ActivePrivateJob,
        admission: ChainAdmission,
        secret: ContentId,
        peers: Peers,
    }

    /// A node that has a private job, and whose RPC server has this address.
    fn start_job(rpc_url: &str) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let path = |name| folder.path().join(name);
        let index = |name| JobIndex::open(&path(name)).unwrap();
        let store = |name| Store::open(path(name)).unwrap();
        let private = PrivateJobs::open(&path("private"), Address::default()).unwrap();
        let admission = ChainAdmission::new(
            Session::new(rpc_url, "ws://127.0.0.1:1"),
            (index("own-index"), index("judged-index"), store("own")),
            (index("held-index"), store("held")),
            private,
            HoldLimits::default(),
        );

        let active = admission.private_jobs().begin_job(JOB).unwrap();
        let secret = admission.private_jobs().open_store(&JOB).unwrap().put(b"positive").unwrap();
        let [node, client] = [1, 2].map(|byte| SecretKey::from_bytes(&[byte; 32]).public());
        let peers = Peers { node, client };
        Fixture { _folder: folder, _active: active, admission, secret, peers }
    }

    impl Fixture {
        fn request(&self) -> Credential {
            let now = SystemClock.unix_seconds();
            let signed = AccessRequest::sign(&Keypair::new(), JOB, &self.peers, now + 60);
            Credential::Request(signed.unwrap())
        }

        async fn read(&self, sent: Option<Credential>, object: ContentId) -> ContentRefusal {
            let requester = Requester::new(self.peers, sent, SystemClock.unix_seconds());
            self.admission.find_readable(&requester, object).await.unwrap_err()
        }

        async fn offer(&self, sent: Option<Credential>) -> ContentRefusal {
            let requester = Requester::new(self.peers, sent, SystemClock.unix_seconds());
            let offer = ContentOffer { job: JOB, object: self.secret, content_bytes: 8 };
            self.admission.reserve_room(&requester, &offer).await.unwrap_err()
        }
    }

    #[tokio::test]
    async fn who_shows_no_wallet_learns_nothing_and_causes_no_reads() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        server.set_nonblocking(true).unwrap();
        let fixture = start_job(&format!("http://{}", server.local_addr().unwrap()));
        let absent = ContentId::from_digest([9; 32]);

        for sent in [None, Some(Credential::Visit(JOB))] {
            for object in [fixture.secret, absent] {
                assert_eq!(fixture.read(sent.clone(), object).await, ContentRefusal::NotFound);
            }
            assert_eq!(fixture.offer(sent).await, ContentRefusal::Credential);
        }
        let connected = server.accept().map(|_| ()).unwrap_err();
        assert_eq!(connected.kind(), ErrorKind::WouldBlock, "the chain was read");
    }

    #[tokio::test]
    async fn an_answer_does_not_depend_on_the_object_before_the_party_is_known() {
        let fixture = start_job("http://127.0.0.1:1");
        let absent = ContentId::from_digest([9; 32]);

        for object in [fixture.secret, absent] {
            let answer = fixture.read(Some(fixture.request()), object).await;
            assert_eq!(answer, ContentRefusal::Busy, "the node may try later");
        }
        assert_eq!(fixture.offer(Some(fixture.request())).await, ContentRefusal::Busy);
    }

    #[test]
    fn an_object_is_as_large_as_a_node_reads() {
        assert_eq!(max_content_bytes(true), 16 << 20);
        assert_eq!(max_content_bytes(false), 512 << 20);
    }
}

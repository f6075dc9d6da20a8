//! Nodes and clients for the tests.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nosana_job_spec::ContentId;
use nosana_net::SystemClock;
use nosana_net::access::{JobParties, Rights};
use nosana_net::content::{
    Admission, ContentBounds, ContentOffer, ContentRefusal, ContentService, HeldBytes, HoldBudget,
    Requester,
};
use nosana_net::job::{
    CredentialSource, HostError, JobBounds, JobHost, JobLink, JobService, RefusalReason,
    RetryPolicy, WalletCredentials,
};
use nosana_net::logs::LogBuffer;
use nosana_net::transport::{
    ConnectionHandler, EndpointConfig, Listener, ListenerBounds, NetEndpoint, NodeAddress,
};
use nosana_store::Store;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;
use tokio::net::TcpStream;

pub const JOB: Address = Address::new_from_array([3; 32]);
pub const ADMISSION_TIMEOUT: Duration = Duration::from_secs(3);
pub const MIB: u64 = 1 << 20;
pub const BOUNDS: ContentBounds = ContentBounds {
    transfers: 8,
    message_timeout: Duration::from_secs(5),
    block_timeout: Duration::from_secs(1),
    idle_timeout: Duration::from_secs(2),
};

pub async fn loopback_endpoint() -> NetEndpoint {
    NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap()
}

pub fn new_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

/// Bytes without repetition.
pub fn sample_bytes(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The files of a store, without folders: a refused transfer must leave none.
pub fn count_files(store: &Store) -> usize {
    fn count_in(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { count_in(&path) } else { 1 }).sum()
    }
    count_in(store.folder())
}

/// The decisions of a node that knows one job and its objects.
pub struct TestAdmission {
    pub budget: HoldBudget,
    /// Objects that only the parties of the job may read.
    pub private: Vec<ContentId>,
    pub parties: JobParties,
}

impl Admission for TestAdmission {
    type Reservation = HeldBytes;

    async fn may_read(&self, requester: &Requester, object: ContentId) -> bool {
        let is_party = || requester.permission(&JOB, &self.parties).is_ok();
        !self.private.contains(&object) || is_party()
    }

    async fn reserve_room(
        &self,
        _: &Requester,
        offer: &ContentOffer,
    ) -> Result<HeldBytes, ContentRefusal> {
        if offer.job != JOB {
            return Err(ContentRefusal::NotAdmitted);
        }
        self.budget.reserve_bytes(offer.job, offer.content_bytes)
    }
}

pub struct ContentNode {
    pub endpoint: NetEndpoint,
    pub store: Store,
    pub budget: HoldBudget,
    _folder: TempDir,
    _listener: Listener,
}

impl ContentNode {
    pub async fn start() -> Self {
        Self::start_private(Vec::new(), Address::new_from_array([1; 32]), new_store()).await
    }

    pub async fn start_private(
        private: Vec<ContentId>,
        client: Address,
        (folder, store): (TempDir, Store),
    ) -> Self {
        let endpoint = loopback_endpoint().await;
        let budget = HoldBudget::new(8 * MIB, 12 * MIB);
        let parties = JobParties { client, payer: client };

        let admission = TestAdmission { budget: budget.clone(), private, parties };
        let service =
            ContentService::new(store.clone(), admission, SystemClock, endpoint.id(), BOUNDS);
        let listener = listen(&endpoint, Arc::new(service));
        Self { endpoint, store, budget, _folder: folder, _listener: listener }
    }

    pub fn address(&self) -> NodeAddress {
        self.endpoint.address().unwrap()
    }
}

pub fn listen(endpoint: &NetEndpoint, handler: Arc<dyn ConnectionHandler>) -> Listener {
    Listener::spawn(endpoint, vec![handler], ListenerBounds::default())
}

/// The jobs of a test's node.
#[derive(Clone)]
pub struct TestHost {
    pub parties: JobParties,
    pub log: LogBuffer,
    pub ports: Arc<Mutex<HashMap<u16, SocketAddr>>>,
    pub has_ended: Arc<Mutex<bool>>,
}

impl JobHost for TestHost {
    async fn find_parties(&self, job: &Address) -> Result<JobParties, HostError> {
        if *job == JOB { Ok(self.parties) } else { Err(RefusalReason::NotRunning.into()) }
    }

    async fn find_logs(&self, _: &Address) -> Result<LogBuffer, HostError> {
        Ok(self.log.clone())
    }

    async fn connect_port(&self, _: &Address, port: u16) -> Result<TcpStream, HostError> {
        if *self.has_ended.lock().unwrap() {
            return Err(RefusalReason::Ended.into());
        }
        let address = self.ports.lock().unwrap().get(&port).copied();
        let address = address.ok_or(RefusalReason::NotExposed)?;

        let connected = TcpStream::connect(address).await;
        connected.map_err(|_| RefusalReason::NotListening.into())
    }
}

pub struct JobNode {
    pub endpoint: NetEndpoint,
    pub host: TestHost,
    pub client: Arc<Keypair>,
    pub listener: Option<Listener>,
}

impl JobNode {
    pub async fn start(log: LogBuffer) -> Self {
        Self::start_on(loopback_endpoint().await, log)
    }

    pub fn start_on(endpoint: NetEndpoint, log: LogBuffer) -> Self {
        let client = Arc::new(Keypair::new());
        let parties = JobParties { client: client.pubkey(), payer: Address::default() };
        let host = TestHost { parties, log, ports: Arc::default(), has_ended: Arc::default() };

        let mut node = Self { endpoint, host, client, listener: None };
        node.accept_connections();
        node
    }

    pub fn accept_connections(&mut self) {
        let host = self.host.clone();
        let id = self.endpoint.id();
        let bounds = JobBounds { admission_timeout: ADMISSION_TIMEOUT, ..JobBounds::default() };
        let service = JobService::new(host, SystemClock, id, bounds);
        self.listener = Some(listen(&self.endpoint, Arc::new(service)));
    }

    /// Exposes a server of the test as a port of the job.
    pub fn expose(&self, port: u16, server: SocketAddr) {
        self.host.ports.lock().unwrap().insert(port, server);
    }

    /// A line of the job's client.
    pub async fn link(&self) -> Arc<JobLink> {
        let wallet = Arc::clone(&self.client);
        self.link_as(Arc::new(WalletCredentials::new(wallet, JOB, SystemClock))).await
    }

    pub async fn link_as(&self, credentials: Arc<dyn CredentialSource>) -> Arc<JobLink> {
        let retry = RetryPolicy {
            give_up_after: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(3),
            ..RetryPolicy::default()
        };
        let address = self.endpoint.address().unwrap();
        Arc::new(JobLink::new(loopback_endpoint().await, address, credentials, retry))
    }

    pub fn grant(&self, rights: Rights, seconds: u64) -> nosana_net::access::Grant {
        let expiry = now() + seconds;
        nosana_net::access::Grant::sign(&*self.client, JOB, rights, expiry, None).unwrap()
    }
}

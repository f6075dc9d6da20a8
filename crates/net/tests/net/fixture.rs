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
    Requester, Reservation,
};
use nosana_net::job::{
    CredentialSource, HostError, JobBounds, JobHost, JobLink, JobService, PortStatus, PortUser,
    RefusalReason, RetryPolicy, VisitorBounds, VisitorLine, WalletCredentials,
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
use tokio::sync::watch;

pub const JOB: Address = Address::new_from_array([3; 32]);
pub const ADMISSION_TIMEOUT: Duration = Duration::from_secs(3);
pub const VISITOR_BOUNDS: VisitorBounds = VisitorBounds {
    connections: 6,
    connections_per_address: 6,
    streams: 4,
    streams_per_peer: 2,
    streams_per_job: 4,
    streams_per_peer_and_job: 2,
    idle_timeout: Duration::from_secs(20),
    half_closed_timeout: Duration::from_secs(2),
    stall_time: Duration::from_millis(500),
};
pub const MIB: u64 = 1 << 20;
pub const BOUNDS: ContentBounds = ContentBounds {
    transfers: 8,
    transfers_per_peer: 4,
    party_transfers: 2,
    party_transfers_per_job: 1,
    message_timeout: Duration::from_secs(5),
    block_timeout: Duration::from_secs(1),
    transfer_timeout: Duration::from_secs(60),
    min_bytes_per_second: 1_000_000,
    max_rest_bytes: 2 * MIB,
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
    pub store: Store,
    pub budget: HoldBudget,
    /// Objects that only the parties of the job may read.
    pub private: Vec<ContentId>,
    pub parties: JobParties,
    pub end: JobEnd,
}

/// Dropping what is in it ends the transfers of the job.
pub type JobEnd = Arc<Mutex<Option<watch::Sender<()>>>>;

/// Room that a test can take back.
pub struct TestRoom {
    bytes: HeldBytes,
    end: Option<watch::Receiver<()>>,
}

impl Reservation for TestRoom {
    fn watch_end(&self) -> Option<watch::Receiver<()>> {
        self.end.clone()
    }

    fn keep(self) {
        self.bytes.keep();
    }
}

impl Admission for TestAdmission {
    type Reservation = TestRoom;

    async fn find_readable(
        &self,
        requester: &Requester,
        object: ContentId,
    ) -> Result<Store, ContentRefusal> {
        let may_read = !self.private.contains(&object) || self.is_party(requester).await;
        let is_readable = may_read && self.store.has_file(&object);
        is_readable.then(|| self.store.clone()).ok_or(ContentRefusal::NotFound)
    }

    async fn is_party(&self, requester: &Requester) -> bool {
        requester.permission(&JOB, &self.parties).is_ok()
    }

    async fn reserve_room(
        &self,
        _: &Requester,
        offer: &ContentOffer,
    ) -> Result<TestRoom, ContentRefusal> {
        if offer.job != JOB {
            return Err(ContentRefusal::NotAdmitted);
        }
        let bytes = self.budget.reserve_bytes(offer.job, offer.content_bytes)?;
        let end = self.end.lock().unwrap().as_ref().map(watch::Sender::subscribe);
        Ok(TestRoom { bytes, end })
    }
}

pub struct ContentNode {
    pub endpoint: NetEndpoint,
    pub store: Store,
    pub budget: HoldBudget,
    pub end: JobEnd,
    _folder: TempDir,
    _listener: Listener,
}

impl ContentNode {
    pub async fn start() -> Self {
        Self::start_bounded(BOUNDS).await
    }

    pub async fn start_bounded(bounds: ContentBounds) -> Self {
        let client = Address::new_from_array([1; 32]);
        Self::start_with(Vec::new(), client, new_store(), bounds).await
    }

    pub async fn start_private(
        private: Vec<ContentId>,
        client: Address,
        stored: (TempDir, Store),
    ) -> Self {
        Self::start_with(private, client, stored, BOUNDS).await
    }

    /// A node whose job has this client.
    pub async fn start_for(client: Address, bounds: ContentBounds) -> Self {
        Self::start_with(Vec::new(), client, new_store(), bounds).await
    }

    async fn start_with(
        private: Vec<ContentId>,
        client: Address,
        (folder, store): (TempDir, Store),
        bounds: ContentBounds,
    ) -> Self {
        let endpoint = loopback_endpoint().await;
        let budget = HoldBudget::new(8 * MIB, 12 * MIB);
        let parties = JobParties { client, payer: client };

        let end: JobEnd = Arc::new(Mutex::new(Some(watch::Sender::new(()))));

        let admission = TestAdmission {
            store: store.clone(),
            budget: budget.clone(),
            private,
            parties,
            end: Arc::clone(&end),
        };
        let service =
            ContentService::new(store.clone(), admission, SystemClock, endpoint.id(), bounds);
        let listener = listen(&endpoint, Arc::new(service));
        Self { endpoint, store, budget, end, _folder: folder, _listener: listener }
    }

    pub fn address(&self) -> NodeAddress {
        self.endpoint.address().unwrap()
    }
}

pub fn listen(endpoint: &NetEndpoint, handler: Arc<dyn ConnectionHandler>) -> Listener {
    Listener::spawn(endpoint, vec![handler], ListenerBounds::default())
}

/// Whether a test's definition makes the port public.
pub const fn is_public(port: u16) -> bool {
    port >= 9000
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

    async fn connect_port(
        &self,
        _: &Address,
        port: u16,
        _: PortUser,
    ) -> Result<TcpStream, HostError> {
        if *self.has_ended.lock().unwrap() {
            return Err(RefusalReason::Ended.into());
        }
        let address = self.ports.lock().unwrap().get(&port).copied();
        let address = address.ok_or(RefusalReason::NotExposed)?;

        let connected = TcpStream::connect(address).await;
        connected.map_err(|_| RefusalReason::NotListening.into())
    }

    async fn list_ports(&self, job: &Address) -> Result<Vec<PortStatus>, HostError> {
        self.find_parties(job).await?;
        let mut ports: Vec<u16> = self.ports.lock().unwrap().keys().copied().collect();
        ports.sort_unstable();
        let status = |port| PortStatus {
            port,
            is_ready: port > 100,
            is_public: is_public(port),
            name: format!("n{port}"),
        };
        Ok(ports.into_iter().map(status).collect())
    }

    async fn wait_for_end(&self, _: &Address) {
        while !*self.has_ended.lock().unwrap() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub struct JobNode {
    pub endpoint: NetEndpoint,
    pub host: TestHost,
    pub client: Arc<Keypair>,
    pub listener: Option<Listener>,
    bounds: JobBounds,
}

impl JobNode {
    pub async fn start(log: LogBuffer) -> Self {
        Self::start_on(loopback_endpoint().await, log)
    }

    pub fn start_on(endpoint: NetEndpoint, log: LogBuffer) -> Self {
        let bounds = JobBounds {
            admission_timeout: ADMISSION_TIMEOUT,
            visitors: VISITOR_BOUNDS,
            ..JobBounds::default()
        };
        Self::start_bounded(endpoint, log, bounds)
    }

    pub fn start_bounded(endpoint: NetEndpoint, log: LogBuffer, bounds: JobBounds) -> Self {
        let client = Arc::new(Keypair::new());
        let parties = JobParties { client: client.pubkey(), payer: Address::default() };
        let host = TestHost { parties, log, ports: Arc::default(), has_ended: Arc::default() };

        let mut node = Self { endpoint, host, client, listener: None, bounds };
        node.accept_connections();
        node
    }

    pub fn accept_connections(&mut self) {
        let host = self.host.clone();
        let id = self.endpoint.id();
        let service = JobService::new(host, SystemClock, id, self.bounds);
        self.listener = Some(listen(&self.endpoint, Arc::new(service)));
    }

    /// Exposes a server of the test as a port of the job.
    pub fn expose(&self, port: u16, server: SocketAddr) {
        self.host.ports.lock().unwrap().insert(port, server);
    }

    /// A visitor's line.
    pub async fn visitor_line(&self) -> VisitorLine {
        let address = self.endpoint.address().unwrap();
        VisitorLine::new(loopback_endpoint().await, address, Duration::from_secs(3))
    }

    /// A line of the job's client.
    pub async fn link(&self) -> Arc<JobLink> {
        let wallet = Arc::clone(&self.client);
        self.link_as(Arc::new(WalletCredentials::new(wallet, JOB, SystemClock))).await
    }

    pub async fn link_as(&self, credentials: Arc<dyn CredentialSource>) -> Arc<JobLink> {
        self.link_from(loopback_endpoint().await, credentials)
    }

    pub fn link_from(
        &self,
        endpoint: NetEndpoint,
        credentials: Arc<dyn CredentialSource>,
    ) -> Arc<JobLink> {
        let retry = RetryPolicy {
            give_up_after: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(3),
            ..RetryPolicy::default()
        };
        let address = self.endpoint.address().unwrap();
        Arc::new(JobLink::new(endpoint, address, credentials, retry))
    }

    pub fn grant(&self, rights: Rights, seconds: u64) -> nosana_net::access::Grant {
        let expiry = now() + seconds;
        nosana_net::access::Grant::sign(&*self.client, JOB, rights, expiry, None).unwrap()
    }
}

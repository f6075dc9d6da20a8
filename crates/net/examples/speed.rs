//! Measures what forwarding costs, on the loopback interface: bytes a second through a forwarded
//! port, through a bare stream, and through plain TCP; and the time of a small request.
//!
//! ```sh
//! cargo run --package nosana-net --example speed [MIB]
//! ```

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use iroh::endpoint::Connection;
use nosana_net::SystemClock;
use nosana_net::access::JobParties;
use nosana_net::forward::PortListener;
use nosana_net::job::{
    HostError, JobBounds, JobHost, JobLink, JobService, PortStatus, PortUser, RefusalReason,
    RetryPolicy, WalletCredentials,
};
use nosana_net::logs::LogBuffer;
use nosana_net::transport::{
    ConnectionHandler, EndpointConfig, Listener, ListenerBounds, NetEndpoint,
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const JOB: Address = Address::new_from_array([3; 32]);
const BARE_ALPN: &[u8] = b"nosana/speed/1";
static CHUNK: [u8; 65_536] = [7; 65_536];
const REQUESTS: u32 = 1_000;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mib: u64 = std::env::args().nth(1).map_or(Ok(1_024), |text| text.parse())?;
    let bytes = mib * 1024 * 1024;

    let server = start_server().await?;
    let node = NetEndpoint::bind(EndpointConfig::loopback()).await?;
    let client = NetEndpoint::bind(EndpointConfig::loopback()).await?;
    let wallet = Arc::new(Keypair::new());
    let _listener = serve_node(&node, server, wallet.pubkey());

    let credentials = Arc::new(WalletCredentials::new(wallet, JOB, SystemClock));
    let address = node.address()?;
    let retry = RetryPolicy::default();
    let link = Arc::new(JobLink::new(client.clone(), address.clone(), credentials, retry));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = PortListener::bind(link, any, 80).await?;
    let forwarded = listener.local_addr();

    println!("{mib} MiB, then {REQUESTS} requests of one byte on one connection");
    report("plain TCP", bytes, download_tcp(server, bytes).await?);
    let bare = client.connect(&address, BARE_ALPN).await?;
    report("bare stream", bytes, download_stream(&bare, bytes).await?);
    report("forwarded port", bytes, download_tcp(forwarded, bytes).await?);

    report_latency("plain TCP", request_tcp(server).await?);
    report_latency("forwarded port", request_tcp(forwarded).await?);
    report_latency("new plain connection", connect_tcp(server).await?);
    report_latency("new forwarded connection", connect_tcp(forwarded).await?);
    Ok(())
}

/// Answers `d` and a number of bytes with as many bytes, and every other byte with itself.
async fn start_server() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;

    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(answer_client(tcp));
        }
    });
    Ok(address)
}

async fn answer_client(mut tcp: TcpStream) -> Outcome<()> {
    tcp.set_nodelay(true)?;
    let mut byte = [0];

    loop {
        tcp.read_exact(&mut byte).await?;
        if byte == *b"d" {
            let mut left = tcp.read_u64_le().await?;
            while left > 0 {
                let count = left.min(CHUNK.len() as u64);
                tcp.write_all(CHUNK.get(..usize::try_from(count)?).unwrap_or(&CHUNK)).await?;
                left -= count;
            }
        } else {
            tcp.write_all(&byte).await?;
        }
    }
}

async fn download_tcp(server: SocketAddr, bytes: u64) -> Outcome<Duration> {
    let mut tcp = TcpStream::connect(server).await?;
    tcp.write_u8(b'd').await?;
    let started = Instant::now();
    tcp.write_u64_le(bytes).await?;

    let mut buffer = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        left -= tcp.read(&mut buffer).await? as u64;
    }
    Ok(started.elapsed())
}

async fn download_stream(connection: &Connection, bytes: u64) -> Outcome<Duration> {
    let (mut send, mut recv) = connection.open_bi().await?;
    let started = Instant::now();
    send.write_all(&bytes.to_le_bytes()).await?;

    let mut left = bytes;
    while let Some(chunk) = recv.read_chunk(1 << 20).await? {
        left -= chunk.len() as u64;
    }
    assert_eq!(left, 0, "all bytes arrived");
    Ok(started.elapsed())
}

async fn request_tcp(server: SocketAddr) -> Outcome<Duration> {
    let mut tcp = TcpStream::connect(server).await?;
    tcp.set_nodelay(true)?;
    exchange_byte(&mut tcp).await?;

    let started = Instant::now();
    for _ in 0..REQUESTS {
        exchange_byte(&mut tcp).await?;
    }
    Ok(started.elapsed() / REQUESTS)
}

async fn connect_tcp(server: SocketAddr) -> Outcome<Duration> {
    let started = Instant::now();

    for _ in 0..REQUESTS {
        let mut tcp = TcpStream::connect(server).await?;
        tcp.set_nodelay(true)?;
        exchange_byte(&mut tcp).await?;
    }
    Ok(started.elapsed() / REQUESTS)
}

async fn exchange_byte(tcp: &mut TcpStream) -> Outcome<()> {
    tcp.write_all(b"x").await?;
    tcp.read_exact(&mut [0]).await?;
    Ok(())
}

fn report(name: &str, bytes: u64, time: Duration) {
    println!("{name:24} {:8.0} MB/s", bytes as f64 / 1e6 / time.as_secs_f64());
}

fn report_latency(name: &str, time: Duration) {
    println!("{name:24} {:8.0} µs", time.as_secs_f64() * 1e6);
}

fn serve_node(node: &NetEndpoint, server: SocketAddr, client: Address) -> Listener {
    let host = SpeedHost { server, client };
    let service = JobService::new(host, SystemClock, node.id(), JobBounds::default());
    let handlers: Vec<Arc<dyn ConnectionHandler>> = vec![Arc::new(service), Arc::new(BareServer)];
    Listener::spawn(node, handlers, ListenerBounds::default())
}

/// One job, one port.
struct SpeedHost {
    server: SocketAddr,
    client: Address,
}

impl JobHost for SpeedHost {
    async fn find_parties(&self, _: &Address) -> Result<JobParties, HostError> {
        Ok(JobParties { client: self.client, payer: self.client })
    }

    async fn find_logs(&self, _: &Address) -> Result<LogBuffer, HostError> {
        Err(RefusalReason::NotRunning.into())
    }

    async fn connect_port(&self, _: &Address, _: u16, _: PortUser) -> Result<TcpStream, HostError> {
        let connected = TcpStream::connect(self.server).await;
        connected.map_err(|_| RefusalReason::NotListening.into())
    }

    async fn list_ports(&self, _: &Address) -> Result<Vec<PortStatus>, HostError> {
        Err(RefusalReason::NotRunning.into())
    }

    async fn wait_for_end(&self, _: &Address) {
        std::future::pending().await
    }
}

/// Sends as many bytes as are requested, without TCP and without a credential.
struct BareServer;

impl ConnectionHandler for BareServer {
    fn alpn(&self) -> &'static [u8] {
        BARE_ALPN
    }

    fn handle(
        self: Arc<Self>,
        connection: Connection,
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let Ok((mut send, mut recv)) = connection.accept_bi().await else { return };
            let mut bytes = [0; 8];
            if recv.read_exact(&mut bytes).await.is_err() {
                return;
            }

            let mut left = u64::from_le_bytes(bytes);
            while left > 0 {
                let count = left.min(CHUNK.len() as u64);
                let part = bytes::Bytes::from_static(&CHUNK).slice(..count as usize);
                if send.write_chunk(part).await.is_err() {
                    return;
                }
                left -= count;
            }
            let _ = send.finish();
            connection.closed().await;
        })
    }
}

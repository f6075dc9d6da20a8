//! A service of a job, which answers over TCP.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::sleep,
};

/// The request for a number of bytes, which follows as 8 bytes. Every other byte is sent back.
const DOWNLOAD: u8 = b'd';
/// A request that is sent back.
const ECHO: u8 = b'x';
/// What is sent, again and again.
static CHUNK: [u8; 65_536] = [7; 65_536];
/// The pause after an error of the listening socket, such as too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// A service on a port of 127.0.0.1, as long as this lives.
#[derive(Debug)]
pub struct TcpService {
    /// Its address.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl TcpService {
    /// Starts the service.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(accept_all(listener)) })
    }
}

impl Drop for TcpService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept_all(listener: TcpListener) {
    let mut connections = JoinSet::new();

    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((tcp, _)) => drop(connections.spawn(answer_client(tcp))),
            Err(_) => sleep(ACCEPT_RETRY_DELAY).await,
        }
    }
}

/// Answers until the client leaves.
async fn answer_client(mut tcp: TcpStream) -> Result<()> {
    tcp.set_nodelay(true)?;

    loop {
        let request = tcp.read_u8().await?;
        if request != DOWNLOAD {
            tcp.write_u8(request).await?;
            continue;
        }

        let mut left = tcp.read_u64_le().await?;
        while left > 0 {
            let part = next_part(left);
            tcp.write_all(part).await?;
            left -= part.len() as u64;
        }
    }
}

/// Connects to a service. Small requests are sent at once.
pub async fn connect_service(service: SocketAddr) -> Result<TcpStream> {
    let tcp = TcpStream::connect(service).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

/// Sends a byte, and reads it back. With the first one, a forwarded port opens its stream.
pub async fn exchange_byte(tcp: &mut TcpStream) -> Result<()> {
    tcp.write_u8(ECHO).await?;
    let answer = tcp.read_u8().await?;
    ensure!(answer == ECHO, "the service answered {answer}");
    Ok(())
}

/// Requests so many bytes.
pub async fn request_bytes(tcp: &mut TcpStream, bytes: u64) -> Result<()> {
    let mut request = vec![DOWNLOAD];
    request.extend(bytes.to_le_bytes());
    tcp.write_all(&request).await?;
    Ok(())
}

/// What is sent next if so many bytes are left.
pub fn next_part(left: u64) -> &'static [u8] {
    let count = usize::try_from(left).unwrap_or(usize::MAX);
    CHUNK.get(..count).unwrap_or(&CHUNK)
}

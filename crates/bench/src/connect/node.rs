//! A node with one job, and a bare stream beside it.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use anyhow::Result;
use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use nosana_net::{
    SystemClock,
    access::JobParties,
    job::{HostError, JobBounds, JobHost, JobService, PortStatus, PortUser, RefusalReason},
    logs::LogBuffer,
    transport::{ConnectionHandler, Listener, ListenerBounds, NetEndpoint},
};
use solana_address::Address;
use tokio::net::TcpStream;

use super::service::next_part;

/// The job of the node.
pub const JOB: Address = Address::new_from_array([3; 32]);
/// The port of the job.
pub const PORT: u16 = 80;
/// The protocol of bare streams: 8 bytes request a number of bytes.
pub const BARE_ALPN: &[u8] = b"nosana/bench/1";

/// Serves the job of this client on the endpoint, and bare streams.
pub fn serve_job(node: &NetEndpoint, service: SocketAddr, client: Address) -> Listener {
    let host = OneJob { service, client };
    let jobs = JobService::new(host, SystemClock, node.id(), JobBounds::default());
    let handlers: Vec<Arc<dyn ConnectionHandler>> = vec![Arc::new(jobs), Arc::new(BareStreams)];
    Listener::spawn(node, handlers, ListenerBounds::default())
}

/// One job, one port.
struct OneJob {
    service: SocketAddr,
    client: Address,
}

impl JobHost for OneJob {
    async fn find_parties(&self, _: &Address) -> Result<JobParties, HostError> {
        Ok(JobParties { client: self.client, payer: self.client })
    }

    async fn find_logs(&self, _: &Address) -> Result<LogBuffer, HostError> {
        Err(RefusalReason::NotRunning.into())
    }

    async fn connect_port(&self, _: &Address, _: u16, _: PortUser) -> Result<TcpStream, HostError> {
        let connected = TcpStream::connect(self.service).await;
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
struct BareStreams;

impl ConnectionHandler for BareStreams {
    fn alpn(&self) -> &'static [u8] {
        BARE_ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            while let Ok((send, recv)) = connection.accept_bi().await {
                if send_requested(send, recv).await.is_err() {
                    return;
                }
            }
        })
    }
}

async fn send_requested(mut send: SendStream, mut recv: RecvStream) -> Result<()> {
    let mut request = [0; 8];
    recv.read_exact(&mut request).await?;

    let mut left = u64::from_le_bytes(request);
    while left > 0 {
        let part = next_part(left);
        send.write_chunk(Bytes::from_static(part)).await?;
        left -= part.len() as u64;
    }
    send.finish()?;
    Ok(())
}

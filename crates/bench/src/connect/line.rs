//! A client and a node with one job, connected, on the loopback interface.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context, Result};
use iroh::endpoint::Connection;
use nosana_net::{
    SystemClock,
    forward::PortListener,
    job::{JobLink, RetryPolicy, WalletCredentials},
    transport::{EndpointConfig, Listener, NetEndpoint},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{
    node::{BARE_ALPN, JOB, PORT, serve_job},
    service::TcpService,
};

/// The client's ways to the service.
#[derive(Debug)]
pub struct Line {
    service: TcpService,
    bare: Connection,
    forwarded: PortListener,
    node: NetEndpoint,
    client: NetEndpoint,
    _listener: Listener,
}

impl Line {
    /// Starts the service and the node, and connects the client in all ways.
    pub async fn open() -> Result<Self> {
        let service = TcpService::start().await.context("cannot start a service")?;
        let node = NetEndpoint::bind(EndpointConfig::loopback()).await?;
        let client = NetEndpoint::bind(EndpointConfig::loopback()).await?;
        let wallet = Arc::new(Keypair::new());
        let listener = serve_job(&node, service.address, wallet.pubkey());

        let address = node.address()?;
        let bare = client.connect(&address, BARE_ALPN).await?;

        let credentials = Arc::new(WalletCredentials::new(wallet, JOB, SystemClock));
        let link = JobLink::new(client.clone(), address, credentials, RetryPolicy::default());
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let forwarded = PortListener::bind(Arc::new(link), any, PORT).await?;

        Ok(Self { service, bare, forwarded, node, client, _listener: listener })
    }

    /// The service, without a node between.
    pub const fn service(&self) -> SocketAddr {
        self.service.address
    }

    /// The client's port, which leads to the service through the node.
    pub const fn forwarded(&self) -> SocketAddr {
        self.forwarded.local_addr()
    }

    /// A connection to the node that nothing is forwarded on.
    pub const fn bare(&self) -> &Connection {
        &self.bare
    }

    /// Closes all connections.
    pub async fn close(self) {
        self.client.close().await;
        self.node.close().await;
    }
}

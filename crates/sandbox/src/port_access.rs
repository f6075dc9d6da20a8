//! The ways to a port on which a command, a container or this process listens for a job.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use crate::network_namespace::{CONNECT_TIMEOUT, NetworkNamespace};

/// How ports of a job are reached. Clones share it.
#[derive(Clone, Debug)]
pub enum PortAccess {
    /// Inside of a network namespace, on its loopback interface.
    Namespace(Arc<NetworkNamespace>),
    /// At addresses of this machine's loopback interface, by port.
    Published(BTreeMap<u16, SocketAddr>),
}

impl PortAccess {
    /// Connects to a port. Blocks for some seconds at most.
    ///
    /// # Errors
    /// If nothing listens on it.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        match self {
            Self::Namespace(network) => network.connect(port),
            Self::Published(addresses) => {
                let address = addresses.get(&port).ok_or(ErrorKind::ConnectionRefused)?;
                TcpStream::connect_timeout(address, CONNECT_TIMEOUT)
            }
        }
    }
}

impl From<NetworkNamespace> for PortAccess {
    fn from(network: NetworkNamespace) -> Self {
        Self::Namespace(Arc::new(network))
    }
}

//! How ports of a container are reached. A container without a network is entered; one in a network
//! of the owner has them published on the host's loopback interface.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use nosana_sandbox::{NetworkNamespace, Observer, PortAccess};

use crate::{ContainerError, Engine, container::Container};

/// The network of containers that have none.
pub(crate) const NO_NETWORK: &str = "none";
/// The network of the host.
pub(crate) const HOST_NETWORK: &str = "host";
/// How often a container that is being started is inspected.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

impl Engine {
    /// Checks that a container's ports differ from those of the host.
    ///
    /// # Errors
    /// If the owner lets containers share the host's network, and the container has ports.
    pub fn check_ports(&self, ports: &[u16]) -> Result<(), ContainerError> {
        match self.network() {
            HOST_NETWORK if !ports.is_empty() => Err(ContainerError::NoPorts),
            _ => Ok(()),
        }
    }

    /// Returns the network that containers join.
    pub(crate) fn network(&self) -> &str {
        self.config.network.as_deref().unwrap_or(NO_NETWORK)
    }

    /// Returns the options that publish ports at random ports of 127.0.0.1.
    pub(crate) fn port_options(&self, ports: &[u16]) -> Vec<String> {
        match self.network() {
            NO_NETWORK | HOST_NETWORK => Vec::new(),
            _ => ports.iter().map(|port| format!("--publish=127.0.0.1::{port}/tcp")).collect(),
        }
    }
}

impl Container<'_> {
    /// Reports to the observer how the ports are reached, as soon as the container runs. Returns
    /// early once `stop` is closed.
    pub fn report_ports(&self, ports: &[u16], observer: &dyn Observer, stop: &Receiver<()>) {
        while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(LOOK_INTERVAL) {
            let found = match self.engine.network() {
                NO_NETWORK => self.open_namespace(),
                _ => self.find_published(ports),
            };
            if let Some(found) = found.transpose() {
                return observer.on_network(found);
            }
        }
    }

    /// Opens the container's network namespace; `None` while the container does not run.
    fn open_namespace(&self) -> io::Result<Option<PortAccess>> {
        let Some(process) = self.find_process() else { return Ok(None) };
        let namespace = NetworkNamespace::of_process(process);

        // Otherwise it has ended meanwhile, and the id may be that of another process.
        if self.find_process() != Some(process) {
            return Ok(None);
        }
        Ok(Some(namespace?.into()))
    }

    /// Returns the first process of the container, by its id on the host.
    fn find_process(&self) -> Option<u32> {
        let format = "{{.State.Running}} {{.State.Pid}}";
        let arguments = ["inspect", "--type=container", "--format", format, &self.name];
        let printed = self.engine.call(&arguments).ok()?;

        let id = printed.trim().strip_prefix("true ")?.parse().ok()?;
        (id != 0).then_some(id)
    }

    /// Returns where the ports are published; `None` while they are not.
    fn find_published(&self, ports: &[u16]) -> io::Result<Option<PortAccess>> {
        if self.find_process().is_none() {
            return Ok(None);
        }
        let owner = self.network.as_ref().unwrap_or(&self.name);
        let printed = self.engine.call(&["port", owner]).map_err(io::Error::other)?;

        let published = parse_published(&printed);
        if ports.iter().all(|port| published.contains_key(port)) {
            return Ok(Some(PortAccess::Published(published)));
        }
        Err(io::Error::new(ErrorKind::NotFound, "the engine does not publish its ports"))
    }
}

/// Reads lines such as `80/tcp -> 127.0.0.1:49153`. Only addresses of the loopback interface count.
fn parse_published(printed: &str) -> BTreeMap<u16, SocketAddr> {
    let parse_line = |line: &str| {
        let (port, address) = line.split_once(" -> ")?;
        let port = port.trim().strip_suffix("/tcp")?.parse().ok()?;
        let address: SocketAddr = address.trim().parse().ok()?;
        address.ip().is_loopback().then_some((port, address))
    };
    printed.lines().filter_map(parse_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ports_are_read_from_either_engine() {
        let printed = "80/tcp -> 127.0.0.1:49153\n81/tcp -> 0.0.0.0:49154\n8080/tcp -> [::1]:9\n\
                       9/udp -> 127.0.0.1:5\nnonsense\n";
        let expected = [(80, "127.0.0.1:49153"), (8080, "[::1]:9")];
        let expected = expected.map(|(port, address)| (port, address.parse().unwrap()));
        assert_eq!(parse_published(printed), BTreeMap::from(expected));
    }
}

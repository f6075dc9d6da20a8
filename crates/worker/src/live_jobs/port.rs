//! One exposed port of a run.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use nosana_job_spec::ExposedPort;
use nosana_sandbox::PortAccess;
use tokio::sync::watch;

use super::dials::RunDials;

/// An exposed port.
#[derive(Debug)]
pub(super) struct LivePort {
    pub settings: ExposedPort,
    /// The connections that are being made to the run.
    pub run_dials: Arc<RunDials>,
    /// How it is reached; `None` while its operation does not run.
    access: watch::Sender<Option<PortAccess>>,
    is_ready: AtomicBool,
}

impl LivePort {
    pub fn new(settings: ExposedPort, run_dials: Arc<RunDials>) -> Self {
        let access = watch::Sender::new(None);
        Self { settings, run_dials, access, is_ready: AtomicBool::new(false) }
    }

    /// The port that clients choose.
    pub const fn number(&self) -> u16 {
        self.settings.port
    }

    /// Sets how the port is reached, or that it is not.
    pub fn set_access(&self, access: Option<PortAccess>) {
        self.set_ready(false);
        self.access.send_replace(access);
    }

    /// Returns how the port is reached.
    pub fn access(&self) -> Option<PortAccess> {
        self.access.borrow().clone()
    }

    /// How the port is reached, and every change of that.
    pub fn watch_access(&self) -> watch::Receiver<Option<PortAccess>> {
        self.access.subscribe()
    }

    pub fn set_ready(&self, is_ready: bool) {
        self.is_ready.store(is_ready, Ordering::Relaxed);
    }

    /// Whether its operation runs, and its checks have succeeded. A check that was in progress at
    /// the operation's end may set the port ready afterwards.
    pub fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Relaxed) && self.access.borrow().is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::SocketAddr};

    use super::*;

    #[test]
    fn a_late_check_makes_no_port_ready() {
        let port = LivePort::new(ExposedPort::new(80), Arc::default());
        let address: SocketAddr = "127.0.0.1:49153".parse().unwrap();
        let access = || Some(PortAccess::Published(BTreeMap::from([(80, address)])));

        port.set_access(access());
        assert!(!port.is_ready());
        port.set_ready(true);
        assert!(port.is_ready());

        port.set_access(None);
        port.set_ready(true);
        assert!(!port.is_ready(), "its operation has ended");
        port.set_access(access());
        assert!(!port.is_ready(), "it begins again");
    }
}

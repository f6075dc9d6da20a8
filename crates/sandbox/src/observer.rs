//! Who watches a command or a container while it runs.

use std::{fmt::Debug, io};

use crate::{OutputTail, PortAccess};

/// Receives what a command or a container prints, and how its ports are reached. Called from the
/// threads that run it, so a slow observer slows what it observes.
pub trait Observer: Debug + Send + Sync {
    /// It begins to run: its files are there.
    fn on_start(&self) {}

    /// Receives output, of both streams, as soon as it is printed.
    fn on_output(&self, part: &[u8]);

    /// Receives the way to its ports before it begins, or as soon as it is known; an error if there
    /// is none. Not called for a command that shares the host's network.
    fn on_network(&self, _ports: io::Result<PortAccess>) {}

    /// A container has ended, and its files are kept from now on. Ports of the host that led to it
    /// may be those of another container soon. Not called for a command.
    fn on_end(&self) {}
}

impl Observer for OutputTail {
    fn on_output(&self, part: &[u8]) {
        self.push(part);
    }
}

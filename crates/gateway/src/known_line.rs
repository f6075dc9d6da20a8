//! A connection to a node, and who uses it.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use nosana_net::{job::VisitorLine, transport::NodeAddress};
use solana_address::Address;
use tokio::time::Instant;

/// The most streams of a line, fewer than a node accepts. The endpoint gives them windows that fit
/// into the connection's: readers that are stuck must not stop the others.
pub const LINE_STREAMS: u32 = 128;
/// The most streams of one visitor on a line: half as many as fill the window that a node gives a
/// visitor's connection.
pub(crate) const VISITOR_STREAMS: usize = 8;
/// A line with fewer streams is used before another one is made: nodes count connections.
const BUSY_STREAMS: usize = 32;

/// Which line of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LineKey {
    pub node: Address,
    pub number: u8,
}

/// A line with its streams.
#[derive(Debug)]
pub(crate) struct KnownLine {
    line: Arc<VisitorLine>,
    used_at: Instant,
    streams: usize,
    visitors: HashMap<IpAddr, usize>,
}

impl KnownLine {
    pub(crate) fn new(line: VisitorLine) -> Self {
        let visitors = HashMap::new();
        Self { line: Arc::new(line), used_at: Instant::now(), streams: 0, visitors }
    }

    /// How busy the line is; `None` if this visitor gets no stream.
    pub(crate) fn load(&self, visitor: IpAddr) -> Option<usize> {
        let of_visitor = self.visitors.get(&visitor).copied().unwrap_or_default();
        let is_full = self.streams >= LINE_STREAMS as usize || of_visitor >= VISITOR_STREAMS;

        let load = if self.streams < BUSY_STREAMS { 0 } else { self.streams };
        (!is_full).then_some(load)
    }

    /// Counts a stream to the node, which is at this address now.
    pub(crate) fn begin_stream(
        &mut self,
        visitor: IpAddr,
        address: &NodeAddress,
    ) -> Arc<VisitorLine> {
        self.streams += 1;
        *self.visitors.entry(visitor).or_default() += 1;
        self.used_at = Instant::now();

        self.line.set_node(address.clone());
        Arc::clone(&self.line)
    }

    pub(crate) fn end_stream(&mut self, visitor: IpAddr) {
        self.streams = self.streams.saturating_sub(1);

        if let Some(count) = self.visitors.get_mut(&visitor) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.visitors.remove(&visitor);
            }
        }
    }

    pub(crate) const fn is_unused(&self) -> bool {
        self.streams == 0
    }

    pub(crate) const fn used_at(&self) -> Instant {
        self.used_at
    }
}

//! Connections to nodes.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nosana_net::{job::VisitorLine, transport::NetEndpoint};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use crate::{
    known_line::{KnownLine, LineKey},
    place_reader::RunningPlace,
    visitor::counted_ip,
};

/// The most connections to one node, which lets an endpoint have a few. Jobs share them.
const LINES_PER_NODE: u8 = 4;
/// The most lines that are kept.
const MAX_LINES: usize = 1_024;
/// The longest time in which a node opens a port, with the time of connecting.
const OPEN_TIMEOUT: Duration = Duration::from_secs(20);

/// Lines to nodes, each made when it is first needed. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct NodeLines(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    endpoint: NetEndpoint,
    lines: Mutex<HashMap<LineKey, KnownLine>>,
    /// A stream has ended.
    freed: Notify,
}

/// A stream of a line; it is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct LineUse {
    lines: NodeLines,
    key: LineKey,
    visitor: IpAddr,
    pub line: Arc<VisitorLine>,
}

impl NodeLines {
    pub(crate) fn new(endpoint: NetEndpoint) -> Self {
        let (lines, freed) = (Mutex::default(), Notify::new());
        Self(Arc::new(Shared { endpoint, lines, freed }))
    }

    /// A stream for a visitor on a line to the place; `None` if there is none until `deadline`.
    pub(crate) async fn wait_for_line(
        &self,
        place: &RunningPlace,
        visitor: IpAddr,
        deadline: Instant,
    ) -> Option<LineUse> {
        loop {
            let mut freed = std::pin::pin!(self.0.freed.notified());
            // From here on no end of a stream is missed.
            freed.as_mut().enable();
            if let Some(taken) = self.take_line(place, visitor) {
                return Some(taken);
            }
            timeout_at(deadline, freed).await.ok()?;
        }
    }

    /// A stream on the first line that is not busy, or else on the one with the fewest.
    fn take_line(&self, place: &RunningPlace, visitor: IpAddr) -> Option<LineUse> {
        let visitor = counted_ip(visitor);
        let mut lines = self.lock_lines();
        let numbers = 0..LINES_PER_NODE;
        let keys = numbers.map(|number| LineKey { node: place.node, number });

        let key = keys
            .filter_map(|key| Some((lines.get(&key).map_or(Some(0), |it| it.load(visitor))?, key)))
            .min_by_key(|(load, key)| (*load, key.number))
            .map(|(_, key)| key)?;
        if !lines.contains_key(&key) {
            make_room(&mut lines)?;
            let endpoint = self.0.endpoint.clone();
            let line = VisitorLine::new(endpoint, place.address.clone(), OPEN_TIMEOUT);
            lines.insert(key, KnownLine::new(line));
        }

        let line = lines.get_mut(&key)?.begin_stream(visitor, &place.address);
        Some(LineUse { lines: self.clone(), key, visitor, line })
    }

    fn lock_lines(&self) -> MutexGuard<'_, HashMap<LineKey, KnownLine>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the unused line that was not used for the longest time, if there are too many.
fn make_room(lines: &mut HashMap<LineKey, KnownLine>) -> Option<()> {
    if lines.len() >= MAX_LINES {
        let unused = lines.iter().filter(|(_, known)| known.is_unused());
        let oldest = unused.min_by_key(|(_, known)| known.used_at()).map(|(key, _)| *key)?;
        lines.remove(&oldest);
    }
    Some(())
}

impl Drop for LineUse {
    fn drop(&mut self) {
        if let Some(known) = self.lines.lock_lines().get_mut(&self.key) {
            known.end_stream(self.visitor);
        }
        self.lines.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use nosana_net::transport::EndpointConfig;
    use solana_address::Address;

    use super::*;
    use crate::known_line::{LINE_STREAMS, VISITOR_STREAMS};

    #[tokio::test]
    async fn a_visitor_has_a_part_of_each_line_and_waits_for_more() {
        let endpoint = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
        let address = endpoint.address().unwrap();
        let place = RunningPlace { node: Address::new_from_array([1; 32]), address };
        let lines = NodeLines::new(endpoint);
        let take = |last: u8| lines.take_line(&place, IpAddr::from([10, 0, 0, last]));

        let mut of_one: Vec<LineUse> = (0..VISITOR_STREAMS * 4).map(|_| take(1).unwrap()).collect();
        assert!(take(1).is_none());
        let other = take(2).unwrap();
        assert_eq!(other.key.number, 0, "a line that is in use before another one");

        let soon = Instant::now() + Duration::from_millis(50);
        let ip = IpAddr::from([10, 0, 0, 1]);
        assert!(lines.wait_for_line(&place, ip, soon).await.is_none());
        let later = Instant::now() + Duration::from_secs(5);
        let freeing = async { drop(of_one.pop()) };
        let (again, ()) = tokio::join!(lines.wait_for_line(&place, ip, later), freeing);
        assert!(again.is_some());

        // All lines are full at some time.
        let mut all = Vec::new();
        for last in 3..=255 {
            all.extend((0..VISITOR_STREAMS).filter_map(|_| take(last)));
        }
        assert_eq!(all.len(), LINE_STREAMS as usize * 4 - VISITOR_STREAMS * 4 - 1);
        drop((all, of_one, again, other));
        assert!(lines.lock_lines().values().all(KnownLine::is_unused));
    }
}

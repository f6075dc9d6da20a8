//! Handshakes of connections for which no place is free: only their ends show whose they are.
//!
//! A bound that refuses would keep everybody out once strangers have begun so many and let them
//! wait. So the oldest handshake ends for a new one: who wants to keep others out must begin all of
//! them again within the time of an honest handshake, which is that of a few packets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The handshakes that run. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Handshakes {
    running: Arc<Mutex<Running>>,
    most: usize,
}

#[derive(Debug, Default)]
struct Running {
    /// In the order in which they began.
    by_number: BTreeMap<u64, oneshot::Sender<()>>,
    next_number: u64,
}

/// One of them; it counts until this is dropped.
#[derive(Debug)]
pub(super) struct Handshake {
    running: Arc<Mutex<Running>>,
    number: u64,
    end: oneshot::Receiver<()>,
}

impl Handshakes {
    /// At most so many at once.
    pub(super) fn new(most: usize) -> Self {
        Self { running: Arc::default(), most: most.max(1) }
    }

    /// Counts another one, for which the oldest ends if there are too many.
    pub(super) fn begin_one(&self) -> Handshake {
        let (sender, end) = oneshot::channel();
        let mut running = lock(&self.running);

        while running.by_number.len() >= self.most {
            running.by_number.pop_first();
        }
        let number = running.next_number;
        running.next_number += 1;
        running.by_number.insert(number, sender);
        Handshake { running: Arc::clone(&self.running), number, end }
    }
}

impl Handshake {
    /// Returns when this handshake must give way to others.
    pub(super) async fn wait_for_end(&mut self) {
        // Nothing is sent: the sender is dropped.
        let _ = (&mut self.end).await;
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        lock(&self.running).by_number.remove(&self.number);
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn gives_way(handshake: &mut Handshake) -> bool {
        timeout(Duration::from_millis(20), handshake.wait_for_end()).await.is_ok()
    }

    #[tokio::test]
    async fn the_oldest_handshake_gives_way() {
        let handshakes = Handshakes::new(2);
        let mut first = handshakes.begin_one();
        let mut second = handshakes.clone().begin_one();
        assert!(!gives_way(&mut first).await && !gives_way(&mut second).await);

        let mut third = handshakes.begin_one();
        assert!(gives_way(&mut first).await);
        assert!(!gives_way(&mut second).await && !gives_way(&mut third).await);

        // One that has ended makes room.
        drop(second);
        let mut fourth = handshakes.begin_one();
        assert!(!gives_way(&mut third).await && !gives_way(&mut fourth).await);

        drop((first, third, fourth));
        assert!(lock(&handshakes.running).by_number.is_empty(), "nothing is kept of them");
    }
}

//! What a connection has been admitted for, and until when it may do nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iroh::endpoint::{Connection, RecvStream, SendStream};
use solana_address::Address;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::visitors::VisitorPlace;
use crate::seats::Seat;
use crate::stream::{IDLE, MAX_STALLED_STREAMS, widen_visitor_window, widen_window};

/// How long a connection that was refused stays, so that its peer reads why.
const REFUSED_TIME: Duration = Duration::from_secs(2);

/// How long a connection may do nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdleTimeouts {
    /// Of one on which nothing has been permitted, and of a visitor's.
    pub stranger: Duration,
    /// Of one that was permitted something as a party of a job, or by a grant.
    pub party: Duration,
}

/// The standing of a connection's peer.
#[derive(Debug)]
pub(super) struct Standing {
    timeouts: IdleTimeouts,
    state: Mutex<State>,
    /// Taken by streams of visitors that wait for their service.
    stalls: Arc<Semaphore>,
    /// The deadline may have changed.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    admission: Admission,
    /// The streams that are served now.
    streams: usize,
    /// When the last of them ended, or when the peer connected.
    since: Instant,
}

#[derive(Debug)]
enum Admission {
    /// Nothing has been permitted yet.
    Unknown,
    /// It uses public ports. It has a place among the connections of visitors.
    Visitor { _place: VisitorPlace },
    /// It would use public ports, and there are too many visitors.
    Refused,
    /// It was permitted something as a party of a job, or by a grant. It has a place among the
    /// connections of that job.
    Party { _seat: Seat<Address> },
}

impl Standing {
    /// A peer that has just connected.
    pub(super) fn new(timeouts: IdleTimeouts) -> Self {
        let state = State { admission: Admission::Unknown, streams: 0, since: Instant::now() };
        let stalls = Arc::new(Semaphore::new(MAX_STALLED_STREAMS));
        Self { timeouts, state: Mutex::new(state), stalls, changed: Notify::new() }
    }

    /// Notes a stream of a party, until the returned value is dropped. `take_seat` is called for the
    /// first one. `None` if it has no seat.
    pub(super) fn admit_party(
        &self,
        connection: &Connection,
        take_seat: impl FnOnce() -> Option<Seat<Address>>,
    ) -> Option<OpenStream<'_>> {
        let mut state = self.lock_state();

        if !matches!(state.admission, Admission::Party { .. }) {
            state.admission = Admission::Party { _seat: take_seat()? };
            widen_window(connection);
        }
        Some(self.begin_stream(state))
    }

    /// Notes a stream of a visitor, until the returned value is dropped. `take_place` is called for
    /// the first one. `None` if it has no place: then the connection is closed soon.
    pub(super) fn admit_visitor(
        &self,
        connection: &Connection,
        take_place: impl FnOnce() -> Option<VisitorPlace>,
    ) -> Option<OpenStream<'_>> {
        let mut state = self.lock_state();

        if matches!(state.admission, Admission::Unknown | Admission::Refused) {
            let Some(place) = take_place() else {
                if matches!(state.admission, Admission::Unknown) {
                    state.admission = Admission::Refused;
                    state.since = Instant::now();
                    self.changed.notify_one();
                }
                return None;
            };
            state.admission = Admission::Visitor { _place: place };
            widen_visitor_window(connection);
        }
        Some(self.begin_stream(state))
    }

    /// Permits for streams of visitors whose service reads nothing.
    pub(super) fn stalls(&self) -> Arc<Semaphore> {
        Arc::clone(&self.stalls)
    }

    fn begin_stream(&self, mut state: MutexGuard<'_, State>) -> OpenStream<'_> {
        state.streams += 1;
        self.changed.notify_one();
        OpenStream(self)
    }

    /// When the connection is closed, unless something is permitted meanwhile.
    fn deadline(&self) -> Instant {
        let state = self.lock_state();
        let timeout = match state.admission {
            Admission::Unknown | Admission::Visitor { .. } => self.timeouts.stranger,
            Admission::Refused => REFUSED_TIME.min(self.timeouts.stranger),
            Admission::Party { .. } => self.timeouts.party,
        };

        let idle_since = if state.streams == 0 { state.since } else { Instant::now() };
        idle_since + timeout
    }

    /// The next stream. Closes the connection when its time is up: anyone can connect, and
    /// connections are bounded.
    pub(super) async fn accept_stream(
        &self,
        connection: &Connection,
    ) -> Option<(SendStream, RecvStream)> {
        loop {
            tokio::select! {
                accepted = connection.accept_bi() => return accepted.ok(),
                () = self.changed.notified() => {}
                () = sleep_until(self.deadline()) => {
                    // Something may have been permitted meanwhile.
                    if self.deadline() <= Instant::now() {
                        connection.close(IDLE, b"idle");
                        return None;
                    }
                }
            }
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream, for the time in which its connection is not idle.
pub(super) struct OpenStream<'a>(&'a Standing);

impl Drop for OpenStream<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock_state();

        state.streams = state.streams.saturating_sub(1);
        state.since = Instant::now();
        self.0.changed.notify_one();
    }
}

//! What the network tells about itself. Its channel is bounded and some senders wait for space, so
//! somebody must read it for as long as the network lives. It goes to `tracing`, mostly at debug
//! level, and never to stdout.

use std::time::{Duration, Instant};

use surfpool_types::{
    SimnetEvent,
    channel::{Receiver, select},
};
use tokio::sync::watch;

/// The JSON-RPC and the websocket server; each tells when it has closed.
const SERVERS: u8 = 2;
/// How long the servers may take to close their connections.
const CLOSE: Duration = Duration::from_secs(5);

/// Where a network is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The servers do not listen yet.
    Starting,
    /// The servers listen and blocks are made.
    Running,
    /// The run loop is over and the ports are free, with the reason if nobody asked for it.
    Ended(Option<String>),
}

/// Follows a network from its start to its end and keeps `phase` right. `outcome` is how the run
/// loop ended.
pub(crate) fn follow(
    events: Receiver<SimnetEvent>,
    outcome: Receiver<Result<(), String>>,
    phase: watch::Sender<Phase>,
) {
    let mut open = SERVERS;
    let outcome = loop {
        select! {
            recv(events) -> event => match event {
                Ok(event) => note(event, &phase, &mut open),
                Err(_) => break outcome.recv(),
            },
            recv(outcome) -> outcome => break outcome,
        }
    };
    let reason = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(reason)) => Some(reason),
        Err(_) => Some("the run loop of the local network panicked".to_owned()),
    };
    if reason.is_none() {
        let deadline = Instant::now() + CLOSE;
        while open > 0
            && let Ok(event) = events.recv_deadline(deadline)
        {
            note(event, &phase, &mut open);
        }
    }
    phase.send_replace(Phase::Ended(reason));
}

fn note(event: SimnetEvent, phase: &watch::Sender<Phase>, open: &mut u8) {
    match event {
        SimnetEvent::CoreStarted(_) => {
            phase.send_replace(Phase::Running);
        }
        SimnetEvent::Shutdown => *open = open.saturating_sub(1),
        SimnetEvent::Aborted(reason) => {
            tracing::error!(reason, "a server of the local network failed")
        }
        SimnetEvent::ErrorLog(_, text) => tracing::debug!(text, "local network: error"),
        SimnetEvent::WarnLog(_, text) => tracing::debug!(text, "local network: warning"),
        SimnetEvent::InfoLog(_, text) | SimnetEvent::DebugLog(_, text) => {
            tracing::trace!(text, "local network")
        }
        _ => {}
    }
}

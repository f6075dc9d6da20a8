//! Events of the network. Their channel is bounded and some senders wait for space, so it must be
//! read for as long as the network runs. Events go to `tracing`, mostly at debug level, and never
//! to stdout.

use std::time::{Duration, Instant};

use surfpool_types::{
    SimnetEvent,
    channel::{Receiver, select},
};
use tokio::sync::watch;

/// The JSON-RPC and the websocket server; each sends an event when it has closed.
const SERVERS: u8 = 2;
/// How long the servers may take to close their connections.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The phase of a network's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The servers do not listen yet.
    Starting,
    /// The servers listen and blocks are produced.
    Running,
    /// The run loop has ended and the ports are free; with the reason unless it was terminated.
    Ended(Option<String>),
}

/// Follows a network from its start to its end and updates `phase`. `outcome` receives the result
/// of the run loop.
pub(crate) fn follow_events(
    events: Receiver<SimnetEvent>,
    outcome: Receiver<Result<(), String>>,
    phase: watch::Sender<Phase>,
) {
    let mut open_servers = SERVERS;
    let outcome = loop {
        select! {
            recv(events) -> event => match event {
                Ok(event) => handle_event(event, &phase, &mut open_servers),
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
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        while open_servers > 0
            && let Ok(event) = events.recv_deadline(deadline)
        {
            handle_event(event, &phase, &mut open_servers);
        }
    }

    phase.send_replace(Phase::Ended(reason));
}

fn handle_event(event: SimnetEvent, phase: &watch::Sender<Phase>, open_servers: &mut u8) {
    match event {
        SimnetEvent::CoreStarted(_) => {
            phase.send_replace(Phase::Running);
        }
        SimnetEvent::Shutdown => *open_servers = open_servers.saturating_sub(1),
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

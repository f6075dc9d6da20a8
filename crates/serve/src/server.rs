//! The server: accepts connections until it is shut down.

use std::{future::Future, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use crate::{
    connection::serve_connection,
    metrics::ServerUsage,
    routes::build_router,
    served::ServedModel,
    state::{Phase, ServerState},
};

/// The most connections. Others wait in the system's queue.
const MAX_CONNECTIONS: usize = 512;
/// How long running requests may take to end by themselves after the server is shut down.
const DRAIN_TIME: Duration = Duration::from_millis(1_000);
/// How long requests that are ended then may take to say so.
const ENDING_TIME: Duration = Duration::from_millis(600);
/// How long the engine may take to end their answers.
const ENGINE_TIME: Duration = Duration::from_millis(300);
/// How often the answers of the engine are counted meanwhile.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// How long to wait if the system refuses another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves one model with the interface of OpenAI.
pub struct ModelServer {
    state: Arc<ServerState>,
    listener: TcpListener,
}

impl ModelServer {
    /// Prepares a server. [`Self::run`] accepts connections.
    pub fn new(model: ServedModel, listener: TcpListener) -> Self {
        Self { state: Arc::new(ServerState::new(model)), listener }
    }

    /// Serves until `shutdown` ends. Then it accepts no more requests, gives the running ones one
    /// second, ends them, and returns what was used. This takes at most two seconds.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> ServerUsage {
        let Self { state, listener } = self;
        let mut connections = JoinSet::new();

        tokio::select! {
            () = accept_connections(&listener, &state, &mut connections) => {}
            () = shutdown => {}
        }
        // Clients that connect from here on are refused at once.
        drop(listener);
        end_connections(&state, connections).await;

        state.metrics.read_usage()
    }
}

/// Accepts connections. Never ends by itself.
async fn accept_connections(
    listener: &TcpListener,
    state: &Arc<ServerState>,
    connections: &mut JoinSet<()>,
) {
    let router: Router = build_router(Arc::clone(state));
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));

    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };

        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = serve_connection(stream, router.clone(), Arc::clone(state));
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Lets running requests end, then ends them.
async fn end_connections(state: &ServerState, mut connections: JoinSet<()>) {
    let start = Instant::now();
    state.set_phase(Phase::Draining);
    let drained = timeout_at(start + DRAIN_TIME, join_all(&mut connections)).await;

    if drained.is_err() {
        state.set_phase(Phase::Ending);
        let limit = start + DRAIN_TIME + ENDING_TIME;
        if timeout_at(limit, join_all(&mut connections)).await.is_err() {
            connections.shutdown().await;
        }
    }

    // The engine ends an answer before its next token. The counters are complete then.
    let limit = Instant::now() + ENGINE_TIME;
    while !state.is_idle() && Instant::now() < limit {
        sleep(POLL_INTERVAL).await;
    }
}

async fn join_all(connections: &mut JoinSet<()>) {
    while connections.join_next().await.is_some() {}
}

//! Accepts connections until it is shut down.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use nosana_client::Session;
use nosana_net::transport::NetEndpoint;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    config::GatewayConfig,
    connection::serve_connection,
    metrics::GatewayMetrics,
    refusal::{Outcome, Refusal},
    state::{ConnectionSeats, GatewayState, PeerConnection},
};

/// How long to wait if the system refuses another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long running requests may take to end by themselves after the gateway is shut down.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// A gateway that listens.
#[derive(Debug)]
pub struct Gateway {
    state: Arc<GatewayState>,
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Gateway {
    /// Listens on `address` for the jobs of the session's cluster, whose nodes are dialed from
    /// `endpoint`. [`Self::run`] accepts connections.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        config: GatewayConfig,
        session: Session,
        endpoint: NetEndpoint,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let places = Arc::new(Semaphore::new(config.bounds.connections));
        let state = Arc::new(GatewayState::new(config, session, endpoint));
        Ok(Self { state, listener, places })
    }

    /// The address on which it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What the gateway has done.
    pub fn metrics(&self) -> Arc<GatewayMetrics> {
        Arc::clone(&self.state.metrics)
    }

    /// Serves until `shutdown` ends, and gives running requests some seconds. WebSockets break.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (stop, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();

        tokio::select! {
            () = self.accept_all(&stopped, &mut connections) => {}
            () = shutdown => {}
        }
        // Visitors who connect from here on are refused at once.
        drop(self.listener);
        stop.send_replace(true);
        let drain = async { while connections.join_next().await.is_some() {} };
        if timeout(DRAIN_TIME, drain).await.is_err() {
            tracing::info!("some requests did not end in time");
        }
    }

    /// Never ends by itself.
    async fn accept_all(&self, stopped: &watch::Receiver<bool>, connections: &mut JoinSet<()>) {
        loop {
            while connections.try_join_next().is_some() {}

            match self.listener.accept().await {
                Ok((stream, peer)) => match self.take_seats(peer) {
                    Ok(seats) => {
                        let state = Arc::clone(&self.state);
                        let peer = peer.ip().to_canonical();
                        let connection = PeerConnection { state, peer, _seats: Arc::new(seats) };
                        connections.spawn(serve_connection(connection, stream, stopped.clone()));
                    }
                    Err(refusal) => self.refuse_connection(stream, &refusal),
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn take_seats(&self, peer: SocketAddr) -> Result<ConnectionSeats, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            Refusal::retry_later(Outcome::TooMany, "too many visitors of this gateway at once")
        })?;

        // Behind a proxy, each request is counted instead.
        let visitor = if self.state.is_trusted(peer.ip()) {
            None
        } else {
            let seat = self.state.visitors.take_seat(peer.ip());
            Some(seat.ok_or_else(Refusal::too_many_of_visitor)?)
        };
        let open = self.state.metrics.open_connection();
        Ok(ConnectionSeats { _place: place, _visitor: visitor, _open: open })
    }

    /// Nothing is read and nothing waits: a flood costs one packet each.
    fn refuse_connection(&self, stream: TcpStream, refusal: &Refusal) {
        self.state.metrics.count_refused_connection();

        // Written past the runtime, which reports a new connection as writable only later. The
        // write does not block, and fails if the visitor is gone already.
        if let Ok(mut stream) = stream.into_std() {
            let _ = stream.write_all(&refusal.to_bytes());
        }
    }
}

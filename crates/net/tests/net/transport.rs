//! Connections between endpoints.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::Connection;
use nosana_net::transport::{
    AddressError, ConnectionHandler, EndpointConfig, Listener, ListenerBounds, NetEndpoint,
    NetError, NodeAddress, Reach,
};
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use crate::fixture::{listen, loopback_endpoint};

const ALPN: &[u8] = b"nosana/test/1";

/// Sends back what it gets on one stream after the other.
struct Echo;

impl ConnectionHandler for Echo {
    fn alpn(&self) -> &'static [u8] {
        ALPN
    }

    fn handle(self: Arc<Self>, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            while let Ok((mut send, mut recv)) = connection.accept_bi().await {
                let Ok(bytes) = recv.read_to_end(1_000).await else { return };
                let _ = send.write_all(&bytes).await;
                let _ = send.finish();
            }
        })
    }
}

async fn echo(connection: &Connection, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let echoed = async {
        let (mut send, mut recv) = connection.open_bi().await.map_err(|e| e.to_string())?;
        send.write_all(bytes).await.map_err(|e| e.to_string())?;
        send.finish().map_err(|e| e.to_string())?;
        recv.read_to_end(1_000).await.map_err(|e| e.to_string())
    };
    timeout(Duration::from_secs(5), echoed).await.map_err(|e| e.to_string())?
}

#[tokio::test]
async fn endpoints_connect_by_their_ids() {
    let (node, client) = (loopback_endpoint().await, loopback_endpoint().await);
    let _listener = listen(&node, Arc::new(Echo));

    let address = node.address().unwrap();
    assert!(address.sockets().iter().all(|socket| socket.ip().is_loopback()));
    let parsed: NodeAddress = address.to_string().parse().unwrap();
    let connection = client.connect(&parsed, ALPN).await.unwrap();

    assert_eq!(connection.remote_id(), node.id());
    assert_eq!(echo(&connection, b"hello").await.unwrap(), b"hello");
}

#[tokio::test]
async fn another_endpoint_at_the_address_is_not_the_node() {
    let (node, other) = (loopback_endpoint().await, loopback_endpoint().await);
    let client = loopback_endpoint().await;
    let _listener = listen(&node, Arc::new(Echo));

    let sockets = node.address().unwrap().sockets().to_vec();
    let forged = NodeAddress::new(other.id(), None, sockets).unwrap();
    let error = client.connect(&forged, ALPN).await.unwrap_err();
    assert!(matches!(error, NetError::Connect { .. }), "{error}");
}

#[tokio::test]
async fn other_protocols_are_refused() {
    let (node, client) = (loopback_endpoint().await, loopback_endpoint().await);
    let _listener = listen(&node, Arc::new(Echo));

    let address = node.address().unwrap();
    let error = client.connect(&address, b"nosana/other/1").await.unwrap_err();
    assert!(matches!(error, NetError::Connect { .. }), "{error}");
}

#[tokio::test]
async fn one_peer_has_a_bounded_number_of_connections() {
    let node = loopback_endpoint().await;
    let bounds = ListenerBounds { connections_per_peer: 2, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Echo)], bounds);
    let address = node.address().unwrap();
    let client = loopback_endpoint().await;

    let first = client.connect(&address, ALPN).await.unwrap();
    let second = client.connect(&address, ALPN).await.unwrap();
    assert!(echo(&first, b"1").await.is_ok());
    assert!(echo(&second, b"2").await.is_ok());

    let third = client.connect(&address, ALPN).await.unwrap();
    assert!(echo(&third, b"3").await.is_err());
    let other = loopback_endpoint().await;
    let fourth = other.connect(&address, ALPN).await.unwrap();
    assert!(echo(&fourth, b"4").await.is_ok());

    first.close(0_u32.into(), b"");
    let again = async {
        loop {
            let connection = client.connect(&address, ALPN).await.unwrap();
            if echo(&connection, b"5").await.is_ok() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(10), again).await.expect("a closed connection frees its place");
}

#[tokio::test]
async fn one_address_has_a_bounded_number_of_connections() {
    let node = loopback_endpoint().await;
    let bounds = ListenerBounds { connections_per_address: 2, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Echo)], bounds);
    let address = node.address().unwrap();

    let mut open = Vec::new();
    for _ in 0..2 {
        let client = loopback_endpoint().await;
        let connection = client.connect(&address, ALPN).await.unwrap();
        assert!(echo(&connection, b"1").await.is_ok());
        open.push((client, connection));
    }
    let third = loopback_endpoint().await;
    let connection = third.connect(&address, ALPN).await.unwrap();
    assert!(echo(&connection, b"2").await.is_err(), "the address counts, not the key");

    let (_, first) = &open[0];
    first.close(0_u32.into(), b"");
    let again = async {
        loop {
            let connection = third.connect(&address, ALPN).await.unwrap();
            if echo(&connection, b"3").await.is_ok() {
                return;
            }
        }
    };
    timeout(Duration::from_secs(10), again).await.expect("a closed connection frees its place");
}

#[tokio::test]
async fn packets_with_forged_addresses_do_not_take_all_places() {
    let node = loopback_endpoint().await;
    let bounds = ListenerBounds { connections: 4, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Echo)], bounds);
    let address = node.address().unwrap();

    // First packets of clients that never hear an answer, as if their addresses were forged.
    let mut deaf = Vec::new();
    for _ in 0..8 {
        let first_packet = capture_first_packet(&node).await;
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&first_packet, address.sockets()[0]).await.unwrap();
        deaf.push(socket);
    }
    sleep(Duration::from_millis(200)).await;

    let client = loopback_endpoint().await;
    let connecting = timeout(Duration::from_secs(5), client.connect(&address, ALPN));
    let connection = connecting.await.expect("not refused for the time of a handshake").unwrap();
    assert_eq!(echo(&connection, b"here").await.unwrap(), b"here");
}

/// The first packet that a client sends to this node, which does not get it.
async fn capture_first_packet(node: &NetEndpoint) -> Vec<u8> {
    let trap = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let trapped = NodeAddress::new(node.id(), None, [trap.local_addr().unwrap()]).unwrap();
    let client = loopback_endpoint().await;
    let dialing = tokio::spawn(async move { client.connect(&trapped, ALPN).await.map(drop) });

    let mut packet = vec![0; 2_000];
    let (length, _) = trap.recv_from(&mut packet).await.unwrap();
    packet.truncate(length);
    dialing.abort();
    packet
}

#[tokio::test]
async fn a_loaded_node_accepts_who_proves_its_address() {
    let node = loopback_endpoint().await;
    let bounds = ListenerBounds { connections: 4, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Echo)], bounds);
    let address = node.address().unwrap();

    let mut open = Vec::new();
    for _ in 0..4 {
        let client = loopback_endpoint().await;
        let connection = client.connect(&address, ALPN).await.unwrap();
        assert!(echo(&connection, b"1").await.is_ok());
        open.push((client, connection));
    }
    let over = loopback_endpoint().await.connect(&address, ALPN).await;
    assert!(over.is_err(), "the bound holds");
}

/// Whether `client` gets a connection on which it is served, which is then kept in `open`.
async fn is_served(
    client: &NetEndpoint,
    address: &NodeAddress,
    open: &mut Vec<Connection>,
) -> bool {
    // One that is refused after the handshake can seem to be there for a moment.
    let Ok(connection) = client.connect(address, ALPN).await else { return false };
    let is_served = echo(&connection, b"here").await.is_ok();
    open.push(connection);
    is_served
}

#[tokio::test]
async fn strangers_do_not_keep_out_preferred_peers() {
    let node = loopback_endpoint().await;
    let bounds = ListenerBounds { connections: 2, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Echo)], bounds);
    let address = node.address().unwrap();
    let [stranger, panelist] = [loopback_endpoint().await, loopback_endpoint().await];

    let mut strangers = Vec::new();
    for _ in 0..2 {
        assert!(is_served(&stranger, &address, &mut strangers).await);
    }
    assert!(!is_served(&panelist, &address, &mut Vec::new()).await, "all places are taken");

    node.preferred().set_peers([panelist.id()]);
    let mut open = Vec::new();
    for _ in 0..bounds.preferred_connections_per_peer {
        assert!(is_served(&panelist, &address, &mut open).await);
    }
    assert!(!is_served(&panelist, &address, &mut Vec::new()).await, "each peer has a bound");
    assert!(!is_served(&stranger, &address, &mut Vec::new()).await);
    assert!(echo(&strangers[0], b"1").await.is_ok(), "nobody loses a place");

    // The places are for preferred peers alone.
    node.preferred().set_peers([stranger.id()]);
    timeout(Duration::from_secs(5), open[0].closed()).await.expect("closed");
    assert!(is_served(&stranger, &address, &mut strangers).await);
}

#[tokio::test]
async fn strangers_of_its_address_do_not_keep_out_a_preferred_peer() {
    let node = loopback_endpoint().await;
    let bounds = ListenerBounds { connections_per_address: 1, ..ListenerBounds::default() };
    let _listener = Listener::spawn(&node, vec![Arc::new(Echo)], bounds);
    let address = node.address().unwrap();
    let [stranger, panelist] = [loopback_endpoint().await, loopback_endpoint().await];

    let mut open = Vec::new();
    assert!(is_served(&stranger, &address, &mut open).await);
    assert!(!is_served(&panelist, &address, &mut Vec::new()).await);
    node.preferred().set_peers([panelist.id()]);
    assert!(is_served(&panelist, &address, &mut open).await);
}

#[tokio::test]
async fn on_the_internet_private_addresses_are_not_dialed() {
    let node = loopback_endpoint().await;
    let config = EndpointConfig { reach: Reach::Internet, ..EndpointConfig::loopback() };
    let client = NetEndpoint::bind(config).await.unwrap();

    let error = client.connect(&node.address().unwrap(), ALPN).await.unwrap_err();
    assert!(matches!(error, NetError::Address(AddressError::Socket { .. })), "{error}");
}

#[tokio::test]
async fn a_closed_listener_closes_its_connections() {
    let (node, client) = (loopback_endpoint().await, loopback_endpoint().await);
    let listener = listen(&node, Arc::new(Echo));
    let connection = client.connect(&node.address().unwrap(), ALPN).await.unwrap();
    assert!(echo(&connection, b"hello").await.is_ok());

    drop(listener);
    timeout(Duration::from_secs(5), connection.closed()).await.expect("closed");
}

#[tokio::test]
async fn without_a_relay_waiting_for_one_fails() {
    let endpoint = loopback_endpoint().await;
    assert!(endpoint.wait_for_relay(Duration::from_millis(100)).await.is_err());
}

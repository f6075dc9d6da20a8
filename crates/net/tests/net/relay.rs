//! Endpoints that reach each other over a relay only, which runs in the test.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use iroh_relay::server::{RelayConfig, Server, ServerConfig};
use nosana_net::directory::{endpoint_field, read_endpoint};
use nosana_net::logs::{LogBounds, LogBuffer, LogFollower, LogPart};
use nosana_net::transport::{
    AddressError, EndpointConfig, LocalSockets, NetEndpoint, NetError, RelayChoice,
};
use nosana_net::{
    SystemClock,
    job::{JOB_ALPN, JobLink, RetryPolicy, WalletCredentials},
};

use crate::fixture::{JOB, JobNode};

async fn start_relay() -> (Server, String) {
    let mut config = ServerConfig::default();
    config.relay = Some(RelayConfig::new((Ipv4Addr::LOCALHOST, 0)));
    let server = Server::spawn(config).await.unwrap();

    let url = format!("http://{}", server.http_addr().unwrap());
    (server, url)
}

async fn relayed_endpoint(url: &str) -> NetEndpoint {
    let relays = RelayChoice::from_texts([url]).unwrap().unwrap();
    let config =
        EndpointConfig { relays, sockets: LocalSockets::RelayOnly, ..EndpointConfig::loopback() };
    NetEndpoint::bind(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_reached_over_a_relay_alone() {
    let (_relay, url) = start_relay().await;
    let (node, client) = (relayed_endpoint(&url).await, relayed_endpoint(&url).await);
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();

    let address = node.wait_for_change(None, Duration::from_millis(200)).await.unwrap();
    assert_eq!(address.relay().unwrap().as_str(), format!("{url}/"));
    assert!(address.sockets().is_empty());
    let field = endpoint_field(Some(&address));
    assert!(field.relay.starts_with(url.as_bytes()), "the account names it");
    assert_eq!(read_endpoint(&field).unwrap().as_ref(), Some(&address));

    let log = LogBuffer::new(LogBounds::default());
    log.append(b"over the relay");
    log.complete();
    let node = JobNode::start_on(node, log);

    let credentials = WalletCredentials::new(node.client.clone(), JOB, SystemClock);
    let link = JobLink::new(client, address, Arc::new(credentials), RetryPolicy::default());
    let mut follower = LogFollower::new(Arc::new(link), 0);
    assert_eq!(follower.next_part().await.unwrap(), LogPart::Bytes(b"over the relay".to_vec()));
    assert_eq!(follower.next_part().await.unwrap(), LogPart::End);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_relays_does_not_dial_that_of_a_node() {
    let (_relay, url) = start_relay().await;
    let node = relayed_endpoint(&url).await;
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();
    let address = node.address().unwrap();

    // At once: it is not a question of time whether the node answers.
    let client = NetEndpoint::bind(EndpointConfig::loopback()).await.unwrap();
    let dialing = client.connect(&address, JOB_ALPN);
    let dialed = tokio::time::timeout(Duration::from_secs(5), dialing).await.unwrap();
    let error = dialed.unwrap_err();
    assert!(matches!(error, NetError::Address(AddressError::RelayAlone(_))), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_announced_when_it_has_settled() {
    let (_relay, url) = start_relay().await;
    let node = relayed_endpoint(&url).await;
    let before = node.address().unwrap();
    node.wait_for_relay(Duration::from_secs(10)).await.unwrap();

    let settle = Duration::from_millis(300);
    let address = node.wait_for_change(Some(&before), settle).await.unwrap();
    assert!(address.relay().is_some());
    assert_ne!(address, before);

    // Nothing changes any more.
    let waiting = node.wait_for_change(Some(&address), settle);
    assert!(tokio::time::timeout(Duration::from_secs(2), waiting).await.is_err());
}

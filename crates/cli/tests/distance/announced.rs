//! What a node announces of where it is reached.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use nosana_net::transport::NodeAddress;

use super::*;

/// What the account of the network's node announces.
pub async fn find_announced(site: &Site) -> NodeAddress {
    let account = node_account(site, &site.world.node).await;
    read_endpoint(&account.endpoint).unwrap().unwrap()
}

/// What a node says that does not start with these options.
fn find_refusal(site: &Site, more: &[&str]) -> String {
    let mut command = site.nosana_on("node", &site.world.node, &["node", "run"]);
    let output = command.args(more).output().unwrap();
    assert!(!output.status.success(), "it starts with {more:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_chooses_the_addresses_that_a_node_announces() {
    let site = Site::start(60, 0).await;

    let third = ["198.51.100.7:1", "198.51.100.7:2", "198.51.100.7:3"];
    let third = third.map(|address| ["--public-address", address]).concat();
    let said = find_refusal(&site, &third);
    assert!(said.contains("3 public addresses are more than an account holds"), "{said}");
    let said = find_refusal(&site, &["--public-address", "198.51.100.7:0"]);
    assert!(said.contains("it has no port"), "{said}");
    let said = find_refusal(&site, &["--relay", "https://user:secret@relay.example.com"]);
    assert!(said.contains("a user or a password, which would be public"), "{said}");

    // Nobody dials them: no client has a job here.
    let public = ["198.51.100.7:4433", "[2001:db8::1]:4433"];
    let options = public.map(|address| ["--public-address", address]).concat();
    let mut node = start_node_with(&site, "node", &site.world.node, &options).await;
    let announced = find_announced(&site).await;
    let expected = public.map(|address| address.parse::<SocketAddr>().unwrap());
    assert_eq!(announced.sockets(), expected);
    assert_eq!(announced.relay(), None);

    node.leaves().await;
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_does_not_answer_is_reported_and_not_announced() {
    let site = Site::start(60, 0).await;
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let mut node = start_node_with(&site, "node", &site.world.node, &["--relay", &url]).await;
    node.says("no relay answered within 10 s; check the relay's URL").await;

    let announced = find_announced(&site).await;
    assert_eq!(announced.relay(), None);
    assert!(matches!(announced.sockets(), [socket] if socket.ip().is_loopback()), "{announced}");

    // At its other addresses it is reached anyway.
    let run = job(&site, "run", &["--yes", "--wait", "--", "echo $((40 + 2)) without a relay"]);
    assert!(done(run).contains("42 without a relay"));
    node.leaves().await;
    site.world.stop().await.unwrap();
}

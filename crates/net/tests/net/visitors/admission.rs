//! What visitors may use: public ports of running jobs, and nothing else.

use std::sync::Arc;

use nosana_net::access::{AccessError, Credential, Peers};
use nosana_net::job::{CredentialSource, JobError, RefusalReason};
use nosana_net::logs::LogFollower;
use solana_address::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::{PATIENCE, refusal, start_node};
use crate::fixture::JOB;

struct VisitorCredentials;

impl CredentialSource for VisitorCredentials {
    fn credential_for(&self, _: &Peers) -> Result<Credential, AccessError> {
        Ok(Credential::Visit(JOB))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_uses_public_ports_and_nothing_else() {
    let node = start_node().await;
    let line = node.visitor_line().await;

    let mut stream = line.open_port(JOB, 9000).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, b"hello");

    // Whether a port is exposed is not said to visitors.
    for port in [8080, 22] {
        assert_eq!(refusal(line.open_port(JOB, port).await), RefusalReason::NotPublic, "{port}");
    }
    assert_eq!(refusal(line.open_port(JOB, 9001).await), RefusalReason::NotPublic, "not exposed");

    let link = node.link_as(Arc::new(VisitorCredentials)).await;
    let listed: Vec<u16> = link.list_ports().await.unwrap().iter().map(|it| it.port).collect();
    assert_eq!(listed, [9000]);
    match LogFollower::new(link, 0).next_part().await {
        Err(JobError::Refused { reason: RefusalReason::NotPublic, detail }) => {
            assert!(detail.contains("does not make the logs public"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_jobs_and_ended_ones_have_no_public_ports() {
    let node = start_node().await;
    let line = node.visitor_line().await;
    let other = Address::new_from_array([4; 32]);
    assert_eq!(refusal(line.open_port(other, 9000).await), RefusalReason::NotRunning);

    *node.host.has_ended.lock().unwrap() = true;
    assert_eq!(refusal(line.open_port(JOB, 9000).await), RefusalReason::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_leaves_an_endpoint_that_is_no_longer_announced() {
    let (old, new) = (start_node().await, start_node().await);
    let line = old.visitor_line().await;
    line.open_port(JOB, 9000).await.unwrap();

    *old.host.has_ended.lock().unwrap() = true;
    assert_eq!(refusal(line.open_port(JOB, 9000).await), RefusalReason::Ended);
    line.set_node(new.endpoint.address().unwrap());
    line.open_port(JOB, 9000).await.unwrap();
}

//! Who ends a long challenge window: a client that waits for its job, unless it wants to look at
//! the result first.

use std::process::Command;

use nosana_job_spec::{ContentId, JobResult};
use nosana_protocol::job::{Reason, State};
use solana_address::Address;

use super::site::Site;

/// Far longer than any test: the clock does not end it.
const WINDOW_SECONDS: u32 = 86_400;

/// Prepares `nosana job wait`.
fn wait_for(site: &Site, job: Address, arguments: &[&str]) -> Command {
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let mut command = site.nosana(&site.world.client, &["job", "wait"], &rpc, &ws);
    command.arg(job.to_string()).args(arguments);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_accepts_the_result_unless_it_keeps_the_window() {
    let site = Site::start(60, WINDOW_SECONDS).await;
    let mut node = site.node(&[]);
    let address = site.list(1, "a result to look at first").await;

    let mut kept = site.start_node(wait_for(&site, address, &["--no-accept"]));
    kept.says("the result is there").await;
    let job = site.job(address).await;
    let result: JobResult = site.store.get_json(&ContentId::from_digest(job.result)).unwrap();
    assert!(result.succeeded(), "it could be accepted");

    // Another one finds the result as it was, and the first one still waits.
    let mut again = site.start_node(wait_for(&site, address, &["--no-accept"]));
    again.says("the result is there").await;
    for wait in [&mut kept, &mut again] {
        wait.signal("-INT");
        assert_eq!(wait.ended().await.code(), Some(130), "{}", wait.log());
    }
    assert_eq!(site.job(address).await.state, State::Submitted as u8);

    let mut accepting = site.start_node(wait_for(&site, address, &[]));
    assert!(accepting.ended().await.success(), "{}", accepting.log());
    let settled = site.job(address).await;
    assert_eq!((settled.state, settled.reason), (State::Settled as u8, Reason::Completed as u8));
    let now = site.world.session.fetch_clock().await.unwrap().unix_timestamp;
    assert!(now - settled.submitted_at < i64::from(WINDOW_SECONDS) / 2, "long before its end");

    node.leaves().await;
    site.world.stop().await.unwrap();
}

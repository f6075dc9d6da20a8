//! A market whose queue has no room: the command line makes some.

use nosana_client::{actions, queue::Queue};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::site::Site;

/// Cells of a new queue.
const CELLS: u64 = 200;
/// The cells that the command line adds.
const ADDED_CELLS: u32 = 1;
/// Jobs that fit into one transaction.
const JOBS_AT_ONCE: usize = 5;

async fn fetch_queue(site: &Site) -> Queue {
    site.world.session.fetch_queue(&site.world.market).await.unwrap()
}

/// Lists as many jobs as the queue has cells.
async fn fill_queue(site: &Site) {
    let listings: Vec<Instruction> =
        (0..CELLS).map(|nonce| site.build_listing(nonce, [1; 32])).collect();
    for chunk in listings.chunks(JOBS_AT_ONCE) {
        site.world.session.send_transaction(chunk, &site.world.client, &[]).await.unwrap();
    }
}

/// Lists a job by the command line. Returns its address, and what the command reported.
fn list_one_more(site: &Site) -> (Address, String) {
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let mut command = site.nosana(&site.world.client, &["job", "embed"], &rpc, &ws);
    let output = command.args(["--yes", "--replicas", "0", "one more"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let printed = String::from_utf8(output.stdout).unwrap();
    (printed.trim().parse().expect(&printed), stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_grows_with_the_next_job() {
    let site = Site::start(60, 0).await;
    fill_queue(&site).await;
    let full = fetch_queue(&site).await;
    assert_eq!((full.header.open_jobs, u64::from(full.capacity)), (CELLS, CELLS));
    let last = site.build_listing(CELLS, [1; 32]);
    let refused = site.world.session.send_transaction(&[last], &site.world.client, &[]).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("QueueFull"), "{refused}");

    let (first, said) = list_one_more(&site);
    assert!(said.contains("the market's queue is full"), "{said}");
    assert!(said.contains("SOL of rent"), "{said}");
    let grown = fetch_queue(&site).await;
    assert_eq!(grown.capacity, full.capacity + ADDED_CELLS);
    assert_eq!(grown.waiting.last().unwrap().address, first);

    // While there is room, nothing more is paid for.
    let client = &site.world.client;
    let room = actions::grow_queue(client.pubkey(), site.world.market, 1);
    site.world.session.send_transaction(&[room.into()], client, &[]).await.unwrap();
    let (second, said) = list_one_more(&site);
    assert!(!said.contains("the market's queue is full"), "{said}");
    let after = fetch_queue(&site).await;
    assert_eq!(after.capacity, grown.capacity + 1);
    assert_eq!(after.waiting.last().unwrap().address, second);
    site.world.stop().await.unwrap();
}

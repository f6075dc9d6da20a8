//! The hardware that a node registers, and markets that require some. Real processes, a real
//! network.

use nosana_client::{
    actions,
    jobs::{
        accounts::Node,
        types::{Hardware, MarketTerms},
    },
    pda,
};
use nosana_localnet::windowless_terms;
use nosana_protocol::job::Reason;
use solana_signer::Signer;

use super::site::Site;

async fn find_node(site: &Site) -> Option<Node> {
    site.world.session.find_account(&pda::jobs::node(&site.world.node.pubkey())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_that_requires_memory_accepts_a_node_that_has_it() {
    let site = Site::with(MarketTerms { min_vram_mib: 1, ..windowless_terms() }).await;
    let first = site.list(1, "needs a little memory").await;
    let mut node = site.node(&["--gpu", "0"]);
    assert_eq!(site.settled(first).await.reason, Reason::Completed as u8);
    node.leaves().await;
    let registered = find_node(&site).await.unwrap();
    assert!(
        registered.vram_mib >= 64 && registered.prompt_tokens_per_second > 0,
        "{} MiB",
        registered.vram_mib
    );

    // Registered hardware is not measured again.
    let mut node = site.node(&["--gpu", "0"]);
    node.leaves().await;
    assert!(!node.log().contains("registered the new hardware"), "{}", node.log());
    assert_eq!(find_node(&site).await.unwrap().hardware, registered.hardware);

    // Hardware as nodes registered it before memory was measured: the market accepts none of them.
    let old = Hardware {
        digest: [9; 32],
        vram_mib: 0,
        prompt_tokens_per_second: registered.prompt_tokens_per_second,
        capacity: 2,
        capabilities: 0,
        memory_mib: 0,
    };
    let owner = &site.world.node;
    site.world
        .session
        .send_transaction(&[actions::update_hardware(owner.pubkey(), old).into()], owner, &[])
        .await
        .unwrap();
    let second = site.list(2, "needs it again").await;
    let mut node = site.node(&["--gpu", "0"]);
    node.says("registered the new hardware").await;
    assert_eq!(site.settled(second).await.reason, Reason::Completed as u8);
    node.leaves().await;
    let renewed = find_node(&site).await.unwrap();
    assert!(renewed.vram_mib >= 64 && renewed.hardware != [9; 32] && renewed.capacity == 2);
    site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_market_that_requires_too_much_memory_refuses_the_node() {
    let site = Site::with(MarketTerms { min_vram_mib: 4_000_000, ..windowless_terms() }).await;
    let mut node = site.node(&[]);
    assert!(!node.ended().await.success());
    let log = node.log();
    let refusal = log
        .lines()
        .find(|line| line.contains("MiB of usable memory"))
        .unwrap_or_else(|| panic!("{log}"));
    assert!(
        refusal.contains("the market requires 4000000 MiB") && !refusal.contains(" 0 MiB"),
        "{refusal}"
    );
    for (numbers, why) in
        [(&["--gpu", "77"][..], "GPU 77 is requested"), (&["--gpu", "0,0"], "named twice")]
    {
        let mut node = site.node(numbers);
        assert!(!node.ended().await.success());
        assert!(node.log().contains(why), "{}", node.log());
    }
    assert!(find_node(&site).await.is_none(), "a node was registered that the market refuses");
    let (rpc, ws) = (site.world.network.rpc_url(), site.world.network.ws_url());
    let setup =
        site.nosana(&site.world.node, &["node", "setup", "--yes"], &rpc, &ws).output().unwrap();
    let stderr = String::from_utf8(setup.stderr).unwrap();
    assert!(
        !setup.status.success() && stderr.contains("the market requires 4000000 MiB"),
        "{stderr}"
    );
    site.world.stop().await.unwrap();
}

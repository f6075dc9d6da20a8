//! A market that requires a token of a collection.

use std::process::Output;

use nosana_client::{jobs::types::MarketTerms, pda, token};
use nosana_localnet::windowless_terms;
use nosana_protocol::{job::Reason, metadata};
use solana_account::Account;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::site::Site;

const COLLECTION: Address = Address::new_from_array([0xc0; 32]);

/// Metadata of `mint` as the Token Metadata program writes it, with its verified collection.
fn member_metadata(mint: &Address) -> Account {
    let mut data = vec![4];
    data.extend([0xaa; 32]);
    data.extend(mint.as_ref());
    for text in ["Members".as_bytes(), b"MBR", b"https://example.org/1.json"] {
        data.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        data.extend(text);
    }
    data.extend([0, 0, 0, 1, 0, 0, 0, 1, 1]);
    data.extend(COLLECTION.as_ref());
    Account { lamports: 1_000_000_000, data, owner: metadata::PROGRAM.into(), ..Account::default() }
}

/// Gives `owner` a token of a new mint; with `listed`, the mint is in the collection.
async fn give_token(site: &Site, owner: &Keypair, listed: bool) {
    let (session, mint, payer) = (&site.world.session, Keypair::new(), owner.pubkey());
    let rent = session.fetch_rent(token::MINT_SIZE).await.unwrap();
    let made = token::create_mint(&payer, &mint.pubkey(), &payer, rent).unwrap();
    session.send_transaction(&made, owner, &[&mint]).await.unwrap();
    let account = token::associated_address(&payer, &mint.pubkey());
    let give = token::mint_to(&mint.pubkey(), &account, &payer, 1).unwrap();
    let make = token::create_associated_account(&payer, &payer, &mint.pubkey());
    session.send_transaction(&[make, give], owner, &[]).await.unwrap();
    if listed {
        site.world
            .network
            .set_account(pda::metadata(&mint.pubkey()), member_metadata(&mint.pubkey()))
            .await
            .unwrap();
    }
}

fn nosana(site: &Site, arguments: &[&str]) -> Output {
    let network = &site.world.network;
    site.nosana(&site.world.node, arguments, &network.rpc_url(), &network.ws_url())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_shows_its_token() {
    let site =
        Site::with(MarketTerms { access_collection: COLLECTION, ..windowless_terms() }).await;
    give_token(&site, &site.world.node, false).await;
    for command in [&["node", "setup", "--yes"][..], &["node", "run"]] {
        let refused = nosana(&site, command);
        let stderr = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success() && stderr.contains(&format!("collection {COLLECTION}")),
            "{stderr}"
        );
    }
    give_token(&site, &site.world.node, true).await;
    let job = site.list(1, "Members only.").await;
    let mut node = site.node(&[]);
    assert_eq!(site.settled(job).await.reason, Reason::Completed as u8);

    // Now it waits in the queue, where the next job matches it.
    let matched = site.list(2, "Members only, again.").await;
    assert_eq!(site.settled(matched).await.reason, Reason::Completed as u8);
    node.leaves().await;
}

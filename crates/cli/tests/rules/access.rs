//! A market that requires a token of a collection.

use std::process::Output;

use nosana_client::{actions, jobs::types::MarketTerms, pda, token};
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{InferenceArgs, JobDefinition, MAX_INPUTS, Operation, Task};
use nosana_localnet::windowless_terms;
use nosana_protocol::{
    job::{Reason, ReturnCause, State},
    metadata,
};
use solana_account::Account;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::site::Site;

const COLLECTION: Address = Address::new_from_array([0xc0; 32]);
const OTHER_COLLECTION: Address = Address::new_from_array([0xc1; 32]);

/// Metadata of `mint` as the Token Metadata program writes it, with its verified collection.
fn member_metadata(mint: &Address, collection: &Address) -> Account {
    let mut data = vec![4];
    data.extend([0xaa; 32]);
    data.extend(mint.as_ref());
    for text in ["Members".as_bytes(), b"MBR", b"https://example.org/1.json"] {
        data.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        data.extend(text);
    }
    data.extend([0, 0, 0, 1, 0, 0, 0, 1, 1]);
    data.extend(collection.as_ref());
    Account { lamports: 1_000_000_000, data, owner: metadata::PROGRAM.into(), ..Account::default() }
}

/// Puts a mint into a collection, and out of any other.
async fn set_collection(site: &Site, mint: &Address, collection: &Address) {
    let metadata = member_metadata(mint, collection);
    site.world.network.set_account(pda::metadata(mint), metadata).await.unwrap();
}

/// Gives `owner` a token of a new mint, and returns the mint; with `listed`, it is in the
/// collection.
async fn give_token(site: &Site, owner: &Keypair, listed: bool) -> Address {
    let (session, mint, payer) = (&site.world.session, Keypair::new(), owner.pubkey());
    let rent = session.fetch_rent(token::MINT_SIZE).await.unwrap();
    let made = token::create_mint(&payer, &mint.pubkey(), &payer, rent).unwrap();
    session.send_transaction(&made, owner, &[&mint]).await.unwrap();
    let account = token::associated_address(&payer, &mint.pubkey());
    let give = token::mint_to(&mint.pubkey(), &account, &payer, 1).unwrap();
    let make = token::create_associated_account(&payer, &payer, &mint.pubkey());
    session.send_transaction(&[make, give], owner, &[]).await.unwrap();
    if listed {
        set_collection(site, &mint.pubkey(), &COLLECTION).await;
    }
    mint.pubkey()
}

/// Inference that takes minutes on a CPU, and more than a second on any GPU.
fn long_inference() -> JobDefinition {
    let inputs = vec!["cat ".repeat(400); MAX_INPUTS];
    let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, inputs);

    let operations = (0..16)
        .map(|index| Operation::InferenceRun { id: format!("op-{index}"), args: args.clone() });
    JobDefinition::new(operations.collect())
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

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_start_is_refused_goes_back_after_its_inference_has_ended() {
    let site =
        Site::with(MarketTerms { access_collection: COLLECTION, ..windowless_terms() }).await;
    let mint = give_token(&site, &site.world.node, true).await;
    let mut node = site.node(&[]);
    node.says("waits in the queue").await;
    let before = site.tokens(&site.world.client).await;

    // The node waits already: the market looks at its token again when it starts the job.
    set_collection(&site, &mint, &OTHER_COLLECTION).await;
    let definition = site.store.put_json(&long_inference()).unwrap();
    let address = site.list_definition(1, definition.digest()).await;
    let discarded = node.says("discarded the work of a job without a start").await;
    assert!(discarded.contains("it was cancelled"), "{discarded}");
    node.says("how=\"refused\"").await;
    let log = node.log();
    assert!(log.find("discarded the work") < log.find("how=\"refused\""), "{log}");
    assert!(!log.contains("executed"), "{log}");

    let job = site.until(address, "returned", |job| job.refusals > 0).await;
    assert_eq!((job.refusals, job.return_cause), (1, ReturnCause::Unsupported as u8));
    assert_eq!((job.state, job.attempts, job.result), (State::Queued as u8, 0, [0; 32]));
    let queue = site.world.session.fetch_queue(&site.world.market).await.unwrap();
    let cancel = actions::cancel(address, &job, queue.find_cell(&address).unwrap());
    site.world.session.send_transaction(&[cancel.into()], &site.world.client, &[]).await.unwrap();
    assert_eq!(site.tokens(&site.world.client).await, before, "nothing is paid for the work");

    // The device is free for the next job.
    set_collection(&site, &mint, &COLLECTION).await;
    let next = site.list(2, "Members only, after all.").await;
    assert_eq!(site.settled(next).await.reason, Reason::Completed as u8);
    node.leaves().await;
}

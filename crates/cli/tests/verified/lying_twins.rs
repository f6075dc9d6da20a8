//! A twin that nobody computed: an honest node is acquitted, and the twin is disputed then.

use nosana_client::pda;
use nosana_protocol::{
    dispute::sketch::Sketch,
    job::{Reason, State},
};
use solana_signer::Signer;

use crate::{
    lies::{finish_lie, wait_for_work},
    trial::Trial,
    twins::{checked_wait, find_twin},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_twin_is_disputed_once_the_node_of_the_job_is_acquitted() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let panel = trial.start_panel([None; 3]).await;
    let honest = site.node(&[]);
    let (address, _) = trial.list(1, "an honest result").await;
    let submitted = trial.submitted(address).await;

    // The only node that waits and is not that of the job.
    wait_for_work(&trial, &liar).await;
    let wait = site.start_node(checked_wait(&trial, address, &["--check-by", "twin"]));
    wait.says("the twin is ").await;
    let twin = find_twin(&wait.log());
    let matched = site.job(twin).await;
    assert_eq!(matched.node, pda::jobs::node(&liar.pubkey()));
    finish_lie(&trial, &liar, twin, &Sketch([0x5a; 32])).await;
    wait.says("it is disputed now").await;
    assert_eq!(site.job(twin).await.state, State::Submitted as u8, "the job's comes first");

    trial.seat_panel(pda::jobs::dispute(&address, submitted.attempt_id)).await;
    assert_eq!(site.settled(address).await.reason, Reason::Completed as u8);
    wait.says("the job's node is acquitted, so the result of the twin").await;
    assert_eq!(site.job(twin).await.state, State::Challenged as u8);

    drop((wait, honest, panel));
    trial.site.world.stop().await.unwrap();
}

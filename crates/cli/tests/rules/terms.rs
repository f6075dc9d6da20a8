//! The terms that an owner agreed to outlive the process: a node takes no new work on worse terms,
//! nor with a full disk.

use nosana_protocol::job::Reason;

use super::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn new_work_is_taken_only_on_the_agreed_terms() {
    let site = Site::start(60, 0).await;
    let job = site.list(1, "A job that pays too little.").await;
    let start = async |arguments: &[&str], words: &str| {
        let mut node = site.node(arguments);
        node.says(words).await;
        node.leaves().await;
        assert_eq!(site.job(job).await.attempts, 0);
    };
    start(&["--min-price", "1"], "worse terms than agreed: it pays").await;

    // A restart without options keeps the agreed terms.
    start(&[], "worse terms than agreed: it pays").await;
    let price = ["--min-price", "0.000001"];
    start(&[&price[..], &["--max-collateral", "0"]].concat(), "worse terms than agreed: it locks")
        .await;
    start(
        &[&price[..], &["--max-collateral", "1000", "--min-free", "1000000000"]].concat(),
        "make room",
    )
    .await;

    let mut node = site.node(&[]);
    assert_eq!(site.settled(job).await.reason, Reason::Completed as u8);
    node.leaves().await;
}

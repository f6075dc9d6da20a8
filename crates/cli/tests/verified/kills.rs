//! A node that is killed before its journal has the trace of a result, and after the chain has it.

use nosana_client::{jobs::accounts::Dispute, pda};
use nosana_protocol::{
    dispute::{phase::Phase, votes::Outcome},
    job::Reason,
};

use crate::{
    honest_results::earnings,
    trial::{PANEL_FEE, Trial, finish},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_around_its_submission_is_checked_and_acquitted() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let mut panel = trial.start_panel([None; 3]).await;

    // The result is stored, and nothing names it: the job runs again, with a new trace.
    let (job, _) = trial.list(1, "killed before the journal has it").await;
    site.doomed_node("before-journal").killed().await;
    let mut node = site.node(&[]);
    let submitted = trial.submitted(job).await;
    assert_ne!(submitted.checkpoint, [0; 32]);
    let wait = trial.client(&["job", "wait"], &[&job.to_string(), "--check", "1"]);
    let (status, log) = finish(wait);
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("the result is right"), "{log}");
    let first = site.settled(job).await;
    assert_eq!(first.reason, Reason::Completed as u8);
    node.leaves().await;
    assert!(node.log().contains("executed"), "{}", node.log());

    // The chain has the commitment, and only the journal has the trace.
    let (job, _) = trial.list(2, "killed after its submission").await;
    site.doomed_node("after-finish").killed().await;
    let submitted = trial.submitted(job).await;
    let mut node = site.node(&[]);
    let before = site.tokens(&site.world.node).await;
    let (status, log) = finish(trial.client(&["job", "challenge"], &[&job.to_string(), "--yes"]));
    assert_eq!(status, Some(0), "{log}");
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    trial.seat_panel(dispute).await;
    let is_resolved = |dispute: &Dispute| dispute.phase == Phase::Resolved as u8;
    let resolved = trial.until(dispute, "resolved", is_resolved).await;
    assert_eq!(resolved.outcome, Outcome::Acquitted as u8);

    let second = site.settled(job).await;
    let (pay, fee) = earnings(&second);
    assert_eq!(site.tokens(&site.world.node).await, before + pay + PANEL_FEE);
    trial.closed(dispute).await;
    trial.audit(earnings(&first).1 + fee).await;
    node.leaves().await;
    assert!(!node.log().contains("executed"), "{}", node.log());

    for node in &mut panel {
        node.leaves().await;
    }
    trial.site.world.stop().await.unwrap();
}

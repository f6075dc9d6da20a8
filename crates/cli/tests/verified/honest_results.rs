//! Results that are accepted and paid, and one that is challenged falsely.

use std::{
    fs::{File, FileTimes},
    time::{Duration, SystemTime},
};

use nosana_client::{jobs::accounts::Job, pda};
use nosana_job_spec::{ContentId, JobResult};
use nosana_protocol::{dispute::phase::Phase, job::Reason};

use crate::{
    descriptions::{assert_described, assert_forgotten},
    site::Site,
    trial::{PANEL_FEE, PANELIST, TIMEOUT, Trial, finish},
};

/// Longer than a node with `--keep-days 1` keeps unused content.
const TIME_DOWN: Duration = Duration::from_secs(10 * 86_400);

/// The pay of a result and the network's fee.
pub fn earnings(job: &Job) -> (u64, u64) {
    let seconds = (job.submitted_at - job.started_at).max(1).unsigned_abs();
    let pay = seconds * job.price_per_second;
    (pay, pay / 10)
}

/// The content that a panel needs to judge the job's result, and what its node's store has in
/// addition. Nothing of it was used for a while.
fn leave_unused(site: &Site, job: &Job) -> ([ContentId; 3], ContentId) {
    let result = ContentId::from_digest(job.result);
    let stored: JobResult = site.store.get_json(&result).unwrap();
    let output = stored.ops[0].output.unwrap();
    let disputable = [ContentId::from_digest(job.definition), result, output];
    let idle = site.store.put(b"nobody needs this").unwrap();

    for content in disputable.iter().chain([&idle]) {
        let times = FileTimes::new().set_modified(SystemTime::now() - TIME_DOWN);
        let file = File::options().write(true).open(site.file_of(content.digest())).unwrap();
        file.set_times(times).unwrap();
    }
    (disputable, idle)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_result_is_checked_accepted_and_paid() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let before = site.tokens(&site.world.node).await;

    // The trace outlives a kill between the run and its submission.
    let (job, _) = trial.list(1, "killed before it submits").await;
    site.doomed_node("before-finish").killed().await;
    let mut node = site.node(&[]);
    let submitted = trial.submitted(job).await;
    assert!(node.log().contains("found the result of an earlier run"), "{}", node.log());
    assert_ne!(submitted.checkpoint, [0; 32]);

    // The first sweep of a node that was down for long leaves what may be disputed.
    node.leaves().await;
    let (disputable, idle) = leave_unused(site, &submitted);
    let mut node = site.node(&["--keep-days", "1"]);
    node.says("removed unused content from the store").await;
    assert!(!site.store.has_file(&idle));
    assert!(disputable.iter().all(|content| site.store.has_file(content)), "{}", node.log());

    let wait = trial.client(&["job", "wait"], &[&job.to_string(), "--check", "1"]);
    let (status, log) = finish(wait);
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("the result is right"), "{log}");
    let settled = site.settled(job).await;
    assert_eq!(settled.reason, Reason::Completed as u8);

    let text = "a cat sits on a mat";
    let embed = ["--verified", "--check", "1", "--wait", "--yes", text];
    let (status, log) = finish(trial.client(&["job", "embed"], &embed));
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("verified its node locks 10.000000 NOS"), "{log}");
    let generate = ["--verified", "--wait", "--check", "1", "--yes", "--max-tokens", "9", "Hello"];
    let (status, log) = finish(trial.client(&["job", "generate"], &generate));
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("the result is right"), "{log}");

    let sampled = ["--verified", "--temperature", "0.5", "--yes", "Hello"];
    let (status, log) = finish(trial.client(&["job", "generate"], &sampled));
    assert_eq!(status, Some(125), "{log}");
    assert!(log.contains("cannot be verified"), "{log}");
    node.leaves().await;
    assert!(site.tokens(&site.world.node).await >= before + 3 * 50);
    trial.site.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_challenge_is_acquitted_although_nodes_are_killed() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let mut defender = site.node_of(&site.world.node, &[], Some("before-open"));
    let kill_at = [Some("judging"), Some("after-commit"), Some("before-reveal")];
    let mut panel = trial.start_panel(kill_at).await;
    let (job, _) = trial.list(1, "an honest result").await;
    let submitted = trial.submitted(job).await;
    let node_before = site.tokens(&site.world.node).await;
    let client_before = site.tokens(&site.world.client).await;
    let panel_before = trial.panel_tokens().await;

    let (status, log) = finish(trial.client(&["job", "challenge"], &[&job.to_string(), "--yes"]));
    assert_eq!(status, Some(0), "{log}");
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    let wait = trial.client_command(&["job", "wait"], &[&job.to_string()]);
    let mut wait = site.start_node(wait);
    wait.says("dispute: nodes take seats: ").await;
    trial.seat_panel(dispute).await;
    let words = "panelists compute the job: ";
    wait.says(&format!("dispute: {words}")).await;
    assert_described(&trial, job, dispute, (Phase::Committing, words)).await;

    // Each is killed at another step, and continues. The first one has no vote yet, so that it
    // judges once more.
    panel[0].killed().await;
    panel[0] = site.node_of(&trial.owners[0], &PANELIST, Some("after-ballot"));
    for (node, owner) in panel.iter_mut().zip(&trial.owners).take(2) {
        node.killed().await;
        *node = site.node_of(owner, &PANELIST, None);
    }
    defender.killed().await;
    wait.says("dispute: the node has to open its trace until ").await;
    let mut defender = site.node(&[]);
    panel[2].killed().await;
    wait.says("dispute: panelists reveal: ").await;
    panel[2] = site.node_of(&trial.owners[2], &PANELIST, None);

    let settled = site.settled(job).await;
    assert_eq!(settled.reason, Reason::Completed as u8);
    trial.closed(dispute).await;
    assert!(wait.ended().await.success(), "{}", wait.log());
    assert_forgotten(&trial, job);
    let (pay, fee) = earnings(&settled);
    assert_eq!(site.tokens(&site.world.node).await - node_before, pay + PANEL_FEE);
    let client = site.tokens(&site.world.client).await;
    let deposit = TIMEOUT * 55;
    assert_eq!(client_before + deposit - client, pay + fee + 4 * PANEL_FEE);
    for (before, after) in panel_before.iter().zip(trial.panel_tokens().await) {
        assert_eq!(after - before, PANEL_FEE);
    }
    trial.audit(fee).await;

    defender.leaves().await;
    for node in &mut panel {
        node.leaves().await;
    }
    trial.site.world.stop().await.unwrap();
}

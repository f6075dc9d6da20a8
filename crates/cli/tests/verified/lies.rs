//! A result that nobody computed: it is found by another node, and its node is convicted.

use std::time::{Duration, Instant};

use nosana_client::{actions, jobs::accounts::Dispute, pda, staking::accounts::Stake};
use nosana_job_spec::{
    ContentId, Digest, EmbeddingOutput, EngineInfo, JobDefinition, JobResult, OperationResult,
};
use nosana_protocol::{
    dispute::{
        commitment::trace_parts,
        phase::Phase,
        sketch::Sketch,
        votes::{Outcome, Verdict},
    },
    job::Reason,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    descriptions::{assert_described, assert_forgotten},
    site::{EVENT_TIMEOUT, Site},
    trial::{PANEL_FEE, Trial, terms},
};

/// The salt of the liar's commitment to its trace.
const SALT: [u8; 32] = [7; 32];

/// Sends an instruction with the key of a node's owner.
pub async fn send_as(trial: &Trial, owner: &Keypair, instruction: Instruction) {
    let session = &trial.site.world.session;
    session.send_transaction(&[instruction], owner, &[]).await.unwrap();
}

/// Takes work, once the slot of the owner's last job has rested.
pub async fn take_work(trial: &Trial, owner: &Keypair) {
    let world = &trial.site.world;
    let sent: [Instruction; 1] = [actions::work(owner.pubkey(), world.market, 1).into()];
    let begun = Instant::now();

    while let Err(error) = world.session.send_transaction(&sent, owner, &[]).await {
        assert!(begun.elapsed() < EVENT_TIMEOUT, "{error}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Registers a node without a process.
pub async fn register_node(trial: &Trial, owner: &Keypair) {
    let hardware = nosana_client::jobs::types::Hardware {
        digest: [1; 32],
        vram_mib: 0,
        prompt_tokens_per_second: 1,
        capacity: 1,
        capabilities: 0,
        memory_mib: 0,
    };
    let register = actions::register_node(owner.pubkey(), trial.site.world.mint, hardware);
    send_as(trial, owner, register.into()).await;
}

/// Registers a node without a process, which then waits for a job.
pub async fn wait_for_work(trial: &Trial, owner: &Keypair) {
    register_node(trial, owner).await;

    let world = &trial.site.world;
    send_as(trial, owner, actions::work(owner.pubkey(), world.market, 1).into()).await;
}

/// Submits a result that nobody computed, with the key of the node's owner. Returns the job.
pub async fn submit_lie(trial: &Trial, liar: &Keypair, trace: &Sketch) -> Address {
    wait_for_work(trial, liar).await;
    let (address, _) = trial.list(1, "what the liar does not read").await;
    finish_lie(trial, liar, address, trace).await;
    address
}

/// Starts a job that the owner's node is matched with, and submits a result that nobody computed.
pub async fn finish_lie(trial: &Trial, liar: &Keypair, address: Address, trace: &Sketch) {
    let mut vector = vec![0.0; 384];
    vector[0] = 1.0;
    let output = trial.site.store.put_json(&EmbeddingOutput::new(vec![vector])).unwrap();
    let result = store_result(trial, address, output).await;
    finish_with(trial, liar, address, result, trace).await;
}

/// Stores a result of the job with this output.
pub async fn store_result(trial: &Trial, address: Address, output: ContentId) -> ContentId {
    let Site { store, .. } = &trial.site;
    let job = trial.site.job(address).await;
    let engine = EngineInfo { device: "none".into(), backend: "cpu".into() };
    let id = ContentId::from_digest(job.definition);
    let definition: JobDefinition = store.get_json(&id).unwrap();
    let operations = vec![OperationResult::ok(definition.ops[0].id(), 1, 2, output)];
    store.put_json(&JobResult::new(id, operations, engine).with_salt(definition.salt)).unwrap()
}

/// Starts a job that the owner's node is matched with, and submits a result.
pub async fn finish_with(
    trial: &Trial,
    liar: &Keypair,
    address: Address,
    result: ContentId,
    trace: &Sketch,
) {
    let owner = liar.pubkey();
    let job = trial.site.job(address).await;
    send_as(trial, liar, actions::start(owner, address, &job).into()).await;

    let node = pda::jobs::node(&owner);
    let parts = trace_parts(trace, &SALT, node.as_array(), address.as_array());
    let commitment = Digest::of(&parts.concat()).0;
    let job = trial.site.job(address).await;
    let finish = actions::finish(owner, address, &job, owner, result.digest(), commitment);
    send_as(trial, liar, finish.into()).await;
}

/// Waits until the panel has committed, and the liar has to open its trace.
pub async fn until_opening(trial: &Trial, dispute: Address) -> Dispute {
    trial.seat_panel(dispute).await;

    let is_opening = |dispute: &Dispute| dispute.phase == Phase::Opening as u8;
    trial.until(dispute, "opening", is_opening).await
}

/// Opens the liar's trace, after which the whole panel says that the result is wrong. Returns the
/// dispute as it was resolved; it is closed.
pub async fn convict_liar(
    trial: &Trial,
    liar: &Keypair,
    (dispute, stored): (Address, &Dispute),
    trace: &Sketch,
) -> Dispute {
    let open = actions::open_trace(liar.pubkey(), dispute, stored, trace.0, SALT);
    send_as(trial, liar, open.into()).await;

    let is_resolved = |dispute: &Dispute| dispute.phase == Phase::Resolved as u8;
    let resolved = trial.until(dispute, "resolved", is_resolved).await;
    assert_eq!(resolved.outcome, Outcome::Convicted as u8);
    assert!(resolved.seats.iter().all(|seat| seat.verdict == Verdict::Wrong as u8));
    trial.closed(dispute).await;
    resolved
}

/// The liar has lost its collateral.
pub async fn assert_slashed(trial: &Trial, liar: &Keypair) {
    let stake = pda::staking::stake(&liar.pubkey());
    let stake: Stake = trial.site.world.session.fetch_account(&stake).await.unwrap();
    assert_eq!((stake.locked, stake.slashed), (0, terms().collateral_per_job));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_is_found_and_convicted() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let fisher = site.another_owner().await;
    let mut panel = trial.start_panel([None; 3]).await;
    let client_before = site.tokens(&site.world.client).await;
    let panel_before = trial.panel_tokens().await;
    let fisher_before = site.tokens(&fisher).await;

    let trace = Sketch([0x5a; 32]);
    let job = submit_lie(&trial, &liar, &trace).await;
    let submitted = trial.submitted(job).await;
    let wait = trial.client_command(&["job", "wait"], &[&job.to_string(), "--no-accept"]);
    let mut wait = site.start_node(wait);
    let mut fisherman = site.node_of(&fisher, &["--check-others", "1", "--min-price", "1"], None);
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    let stored = until_opening(&trial, dispute).await;
    let words = "the node has to open its trace until ";
    wait.says(&format!("dispute: {words}")).await;
    assert_described(&trial, job, dispute, (Phase::Opening, words)).await;
    convict_liar(&trial, &liar, (dispute, &stored), &trace).await;

    wait.says("its node lost the dispute").await;
    assert_eq!(wait.ended().await.code(), Some(125), "{}", wait.log());
    assert_forgotten(&trial, job);
    assert_eq!(site.job(job).await.reason, Reason::ResultWrong as u8);
    assert_eq!(site.tokens(&site.world.client).await, client_before + PANEL_FEE);
    assert_eq!(site.tokens(&fisher).await, fisher_before + 2 * PANEL_FEE);
    for (before, after) in panel_before.iter().zip(trial.panel_tokens().await) {
        assert_eq!(after - before, PANEL_FEE);
    }
    assert_slashed(&trial, &liar).await;
    trial.audit(0).await;

    fisherman.leaves().await;
    for node in &mut panel {
        node.leaves().await;
    }
    trial.site.world.stop().await.unwrap();
}

//! Verified jobs and disputes about them, by real nodes on a real network: an honest node is paid
//! and acquitted, a lie is found and convicted, and a node that is killed at any step loses
//! nothing.

mod site;

use std::{
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use nosana_client::{
    actions,
    jobs::{
        accounts::{Dispute, Job},
        types::MarketTerms,
    },
    pda,
    staking::accounts::Stake,
};
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{
    ContentId, Digest, EmbeddingOutput, EngineInfo, InferenceArgs, JobDefinition, JobResult,
    Operation, OperationResult, Task,
};
use nosana_localnet::default_terms;
use nosana_protocol::{
    dispute::{
        commitment::trace_parts,
        phase::Phase,
        sketch::Sketch,
        votes::{Outcome, Verdict},
    },
    job::{Kind, Reason, State},
};
use site::{NodeProcess, Site};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The timeout of each job, in seconds.
const TIMEOUT: u64 = 600;
/// The fee of a panelist: a quarter of the price of the timeout.
const PANEL_FEE: u64 = 50 * TIMEOUT / 4;
/// The length of a phase of a dispute, in seconds: at least the timeout.
const PHASE: u32 = 600;
/// Seconds after which every node's turn to take a seat has come.
const EVERYBODYS_TURN: u64 = 75;
/// Longest wait for a step of a dispute.
const PATIENCE: Duration = Duration::from_secs(180);
/// A node that judges, and takes no jobs: no market pays that much.
const PANELIST: [&str; 3] = ["--panel", "--min-price", "1"];

/// A market that takes verified jobs.
fn terms() -> MarketTerms {
    MarketTerms {
        challenge_seconds: 3_600,
        start_seconds: 60,
        dispute_seconds: PHASE,
        panel_fee_bps: 2_500,
        min_collateral_ratio: 20,
        ..default_terms()
    }
}

struct Trial {
    site: Site,
    owners: Vec<Keypair>,
}

impl Trial {
    async fn start() -> Self {
        let site = Site::with(terms()).await;
        let mut owners = Vec::new();
        for _ in 0..3 {
            owners.push(site.another_owner().await);
        }
        Self { site, owners }
    }

    /// Starts a panelist of each owner, with the point at which it kills itself, and waits until
    /// they are enrolled.
    async fn start_panel(&self, kill_at: [Option<&str>; 3]) -> Vec<NodeProcess> {
        let start = |(owner, point)| self.site.node_of(owner, &PANELIST, point);
        let panel: Vec<NodeProcess> = self.owners.iter().zip(kill_at).map(start).collect();
        for node in &panel {
            node.says("enrolled for panels").await;
        }
        // A panelist is enrolled before the second in which a result is submitted.
        self.site.world.network.advance_seconds(2).await.unwrap();
        panel
    }

    /// Lists a verified job that embeds `text`.
    async fn list(&self, nonce: u64, text: &str) -> (Address, JobDefinition) {
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, [text]);
        let operation = Operation::InferenceRun { id: "embed".into(), args };
        let definition = JobDefinition::new(vec![operation]);
        let world = &self.site.world;
        let order = actions::JobListing {
            nonce,
            definition: self.site.store.put_json(&definition).unwrap().digest(),
            kind: Kind::VerifiedBatch as u8,
            timeout_seconds: TIMEOUT,
            max_price_per_second: 1_000,
            is_private: false,
        };
        let client = world.client.pubkey();
        let list = actions::list(client, client, world.market, world.mint, order);
        world.session.send_transaction(&[list.into()], &world.client, &[]).await.unwrap();
        (pda::jobs::job(&client, nonce), definition)
    }

    async fn submitted(&self, job: Address) -> Job {
        self.site.until(job, "submitted", |job| job.state == State::Submitted as u8).await
    }

    /// Waits until the dispute satisfies `is`.
    async fn until(&self, dispute: Address, what: &str, is: impl Fn(&Dispute) -> bool) -> Dispute {
        let begun = Instant::now();
        loop {
            let found = self.site.world.session.find_account::<Dispute>(&dispute).await.unwrap();
            if let Some(found) = found
                && is(&found)
            {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{what}: {found:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits for the draw, lets the time pass after which every node may take a seat, and the rest of
    /// the phase, in which a node with a lower score could take one.
    async fn seat_panel(&self, dispute: Address) {
        self.until(dispute, "drawn", |dispute| dispute.drawn_at != 0).await;
        self.site.world.network.advance_seconds(EVERYBODYS_TURN).await.unwrap();
        self.until(dispute, "seated", |dispute| dispute.seats_taken == 3).await;
        self.site.world.network.advance_seconds(PHASE.into()).await.unwrap();
    }

    /// Waits until the dispute is closed.
    async fn closed(&self, dispute: Address) {
        let begun = Instant::now();
        while self.site.world.session.find_account::<Dispute>(&dispute).await.unwrap().is_some() {
            assert!(begun.elapsed() < PATIENCE, "the dispute is not closed");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn panel_tokens(&self) -> Vec<u64> {
        let mut tokens = Vec::new();
        for owner in &self.owners {
            tokens.push(self.site.tokens(owner).await);
        }
        tokens
    }

    /// Starts `nosana` with the client's key.
    fn client(&self, subcommand: &[&str], arguments: &[&str]) -> Child {
        let world = &self.site.world;
        let (rpc, ws) = (world.network.rpc_url(), world.network.ws_url());
        let mut command = self.site.nosana(&world.client, subcommand, &rpc, &ws);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The market owes nothing but the network's fees, and holds what it should.
    async fn audit(&self, fees: u64) {
        let world = &self.site.world;
        let queue = world.session.fetch_queue(&world.market).await.unwrap();
        let header = queue.header;
        assert_eq!(
            (header.fees_accrued, header.credits_owed, header.open_jobs, header.open_disputes),
            (fees, 0, 0, 0)
        );
        let vault = pda::jobs::vault(&world.market);
        let held = world.session.fetch_token_balance(&vault).await.unwrap();
        let deposit = 50 * 1_000_000;
        assert_eq!(held, deposit + fees);
        for owner in &self.owners {
            let stake: Stake =
                world.session.fetch_account(&pda::staking::stake(&owner.pubkey())).await.unwrap();
            assert_eq!((stake.locked, stake.slashed), (0, 0), "a panelist's stake");
        }
    }
}

fn finish(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The pay of a result and the network's fee.
fn earnings(job: &Job) -> (u64, u64) {
    let seconds = (job.submitted_at - job.started_at).max(1).unsigned_abs();
    let pay = seconds * job.price_per_second;
    (pay, pay / 10)
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
    let kill_at = [Some("after-ballot"), Some("after-commit"), Some("before-reveal")];
    let mut panel = trial.start_panel(kill_at).await;
    let (job, _) = trial.list(1, "an honest result").await;
    let submitted = trial.submitted(job).await;
    let node_before = site.tokens(&site.world.node).await;
    let client_before = site.tokens(&site.world.client).await;
    let panel_before = trial.panel_tokens().await;

    let (status, log) = finish(trial.client(&["job", "challenge"], &[&job.to_string(), "--yes"]));
    assert_eq!(status, Some(0), "{log}");
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    trial.seat_panel(dispute).await;
    let (status, _) = finish(trial.client(&["dispute", "show"], &[&job.to_string()]));
    assert_eq!(status, Some(0));

    // Each is killed at another step, and continues.
    for (node, owner) in panel.iter_mut().zip(&trial.owners).take(2) {
        node.killed().await;
        *node = site.node_of(owner, &PANELIST, None);
    }
    defender.killed().await;
    let mut defender = site.node(&[]);
    panel[2].killed().await;
    panel[2] = site.node_of(&trial.owners[2], &PANELIST, None);

    let settled = site.settled(job).await;
    assert_eq!(settled.reason, Reason::Completed as u8);
    trial.closed(dispute).await;
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

/// Submits a result that nobody computed, with the key of the node's owner. Returns the job.
async fn submit_lie(trial: &Trial, liar: &Keypair, trace: &Sketch) -> Address {
    let Site { world, store, .. } = &trial.site;
    let owner = liar.pubkey();
    let send = async |instructions: &[solana_instruction::Instruction]| {
        world.session.send_transaction(instructions, liar, &[]).await.unwrap()
    };
    let hardware = nosana_client::jobs::types::Hardware {
        digest: [1; 32],
        vram_mib: 0,
        prompt_tokens_per_second: 1,
        capacity: 1,
        capabilities: 0,
        memory_mib: 0,
    };
    send(&[actions::register_node(owner, world.mint, hardware).into()]).await;
    send(&[actions::work(owner, world.market, 1).into()]).await;

    let (address, _) = trial.list(1, "what the liar does not read").await;
    let job = trial.site.job(address).await;
    send(&[actions::start(owner, address, &job).into()]).await;
    let mut vector = vec![0.0; 384];
    vector[0] = 1.0;
    let output = store.put_json(&EmbeddingOutput::new(vec![vector])).unwrap();
    let engine = EngineInfo { device: "none".into(), backend: "cpu".into() };
    let definition = ContentId::from_digest(job.definition);
    let operations = vec![OperationResult::ok("embed", 1, 2, output)];
    let result = store.put_json(&JobResult::new(definition, operations, engine)).unwrap();

    let node = pda::jobs::node(&owner);
    let parts = trace_parts(trace, &[7; 32], node.as_array(), address.as_array());
    let commitment = Digest::of(&parts.concat()).0;
    let job = trial.site.job(address).await;
    let finish = actions::finish(owner, address, &job, owner, result.digest(), commitment);
    send(&[finish.into()]).await;
    address
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
    let wait = trial.client(&["job", "wait"], &[&job.to_string(), "--no-accept"]);
    let mut fisherman = site.node_of(&fisher, &["--check-others", "1", "--min-price", "1"], None);
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    trial.seat_panel(dispute).await;

    let is_opening = |dispute: &Dispute| dispute.phase == Phase::Opening as u8;
    let stored = trial.until(dispute, "opening", is_opening).await;
    let open = actions::open_trace(liar.pubkey(), dispute, &stored, trace.0, [7; 32]);
    site.world.session.send_transaction(&[open.into()], &liar, &[]).await.unwrap();
    let is_resolved = |dispute: &Dispute| dispute.phase == Phase::Resolved as u8;
    let resolved = trial.until(dispute, "resolved", is_resolved).await;
    assert_eq!(resolved.outcome, Outcome::Convicted as u8);
    assert!(resolved.seats.iter().all(|seat| seat.verdict == Verdict::Wrong as u8));
    trial.closed(dispute).await;

    let (status, log) = finish(wait);
    assert_eq!(status, Some(125), "{log}");
    assert!(log.contains("its node lost the dispute"), "{log}");
    assert_eq!(site.job(job).await.reason, Reason::ResultWrong as u8);
    assert_eq!(site.tokens(&site.world.client).await, client_before + PANEL_FEE);
    assert_eq!(site.tokens(&fisher).await, fisher_before + 2 * PANEL_FEE);
    for (before, after) in panel_before.iter().zip(trial.panel_tokens().await) {
        assert_eq!(after - before, PANEL_FEE);
    }
    let stake: Stake =
        site.world.session.fetch_account(&pda::staking::stake(&liar.pubkey())).await.unwrap();
    assert_eq!((stake.locked, stake.slashed), (0, terms().collateral_per_job));
    trial.audit(0).await;

    fisherman.leaves().await;
    for node in &mut panel {
        node.leaves().await;
    }
    trial.site.world.stop().await.unwrap();
}

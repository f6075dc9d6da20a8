//! A market that takes verified jobs, and the owners of a panel.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nosana_client::{
    actions,
    jobs::{
        accounts::{Dispute, Job, Node},
        types::MarketTerms,
    },
    pda,
    staking::accounts::Stake,
};
use nosana_engine::ALL_MINILM_L6_V2;
use nosana_job_spec::{InferenceArgs, JobDefinition, Operation, Task};
use nosana_localnet::default_terms;
use nosana_protocol::job::{Kind, State};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::site::{NodeProcess, Site};

/// The timeout of each job, in seconds.
pub const TIMEOUT: u64 = 600;
/// The fee of a panelist: a quarter of the price of the timeout.
pub const PANEL_FEE: u64 = 50 * TIMEOUT / 4;
/// What a seat holds: 20 times the price of the timeout.
pub const SEAT_COLLATERAL: u64 = 20 * 50 * TIMEOUT;
/// The length of a phase of a dispute, in seconds: at least the timeout.
pub const PHASE: u32 = 600;
/// Seconds after which every node's turn to take a seat has come, and no candidate waits for others
/// before it tries the work: a quarter of a phase.
const EVERYBODYS_TURN: u64 = 150;
/// Longest wait for a step of a dispute.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// A node that judges, and takes no jobs: no market pays that much.
pub const PANELIST: [&str; 3] = ["--panel", "--min-price", "1"];

/// A market that takes verified jobs.
pub fn terms() -> MarketTerms {
    MarketTerms {
        challenge_seconds: 3_600,
        start_seconds: 60,
        dispute_seconds: PHASE,
        panel_fee_bps: 2_500,
        min_collateral_ratio: 20,
        ..default_terms()
    }
}

pub struct Trial {
    pub site: Site,
    pub owners: Vec<Keypair>,
}

impl Trial {
    pub async fn start() -> Self {
        let site = Site::with(terms()).await;
        let mut owners = Vec::new();
        for _ in 0..3 {
            owners.push(site.another_owner().await);
        }
        Self { site, owners }
    }

    /// Starts a panelist of each owner, with the point at which it kills itself, and waits until
    /// they are enrolled.
    pub async fn start_panel(&self, kill_at: [Option<&str>; 3]) -> Vec<NodeProcess> {
        self.start_panel_with(&PANELIST, kill_at).await
    }

    /// The same, for panelists with these arguments.
    pub async fn start_panel_with(
        &self,
        arguments: &[&str],
        kill_at: [Option<&str>; 3],
    ) -> Vec<NodeProcess> {
        let start = |(owner, point)| self.site.node_of(owner, arguments, point);
        let panel: Vec<NodeProcess> = self.owners.iter().zip(kill_at).map(start).collect();
        for node in &panel {
            node.says("enrolled for panels").await;
        }
        // A panelist is enrolled before the second in which a result is submitted.
        self.site.world.network.advance_seconds(2).await.unwrap();
        panel
    }

    /// Lists a verified job that embeds `text`.
    pub async fn list(&self, nonce: u64, text: &str) -> (Address, JobDefinition) {
        let args = InferenceArgs::new(ALL_MINILM_L6_V2.digest(), Task::Embedding, [text]);
        self.list_operation(nonce, Operation::InferenceRun { id: "embed".into(), args }).await
    }

    /// Lists a verified job with this operation.
    pub async fn list_operation(
        &self,
        nonce: u64,
        operation: Operation,
    ) -> (Address, JobDefinition) {
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

    pub async fn submitted(&self, job: Address) -> Job {
        self.site.until(job, "submitted", |job| job.state == State::Submitted as u8).await
    }

    /// Waits until the dispute satisfies `is`.
    pub async fn until(
        &self,
        dispute: Address,
        what: &str,
        is: impl Fn(&Dispute) -> bool,
    ) -> Dispute {
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

    /// Waits for the draw, lets the time pass after which every node may take a seat, and the
    /// rest of the phase, in which a node with a lower score could take one.
    pub async fn seat_panel(&self, dispute: Address) {
        self.until(dispute, "drawn", |dispute| dispute.drawn_at != 0).await;
        self.site.world.network.advance_seconds(EVERYBODYS_TURN).await.unwrap();
        self.until(dispute, "seated", |dispute| dispute.seats_taken == 3).await;
        self.site.world.network.advance_seconds(PHASE.into()).await.unwrap();
    }

    /// Waits until the dispute is closed.
    pub async fn closed(&self, dispute: Address) {
        let begun = Instant::now();
        while self.site.world.session.find_account::<Dispute>(&dispute).await.unwrap().is_some() {
            assert!(begun.elapsed() < PATIENCE, "the dispute is not closed");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn panel_tokens(&self) -> Vec<u64> {
        let mut tokens = Vec::new();
        for owner in &self.owners {
            tokens.push(self.site.tokens(owner).await);
        }
        tokens
    }

    /// Starts `nosana` with the client's key.
    pub fn client(&self, subcommand: &[&str], arguments: &[&str]) -> Child {
        self.client_command(subcommand, arguments).spawn().unwrap()
    }

    /// Prepares `nosana` with the client's key.
    pub fn client_command(&self, subcommand: &[&str], arguments: &[&str]) -> Command {
        let world = &self.site.world;
        let (rpc, ws) = (world.network.rpc_url(), world.network.ws_url());
        let mut command = self.site.nosana(&world.client, subcommand, &rpc, &ws);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `nosana` with the client's key, which must succeed, and returns its output.
    pub fn done(&self, subcommand: &[&str], arguments: &[&str]) -> String {
        let output = self.client_command(subcommand, arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{subcommand:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The market owes nothing but the network's fees, and holds what it should.
    pub async fn audit_market(&self, fees: u64) {
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
    }

    /// The same of the market; and the panelists, each of whom had a seat, have lost nothing.
    pub async fn audit(&self, fees: u64) {
        self.audit_market(fees).await;

        let world = &self.site.world;
        for owner in &self.owners {
            let stake: Stake =
                world.session.fetch_account(&pda::staking::stake(&owner.pubkey())).await.unwrap();
            let node: Node =
                world.session.fetch_account(&pda::jobs::node(&owner.pubkey())).await.unwrap();
            // The process runs: the node keeps the collateral of its seat for the next one.
            let kept = (stake.locked, node.idle_collateral, stake.slashed);
            assert_eq!(kept, (SEAT_COLLATERAL, SEAT_COLLATERAL, 0), "a panelist's stake");
        }
    }
}

pub fn finish(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

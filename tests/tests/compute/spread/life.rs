//! The life of a job, and of the stake and the node that it needs, for new wallets.

use nosana_client::{
    actions::{self, NO_TRACE},
    jobs, rewards, staking,
};
use nosana_protocol::seeds;
use nosana_tests::{
    Lite, World,
    rng::Rng,
    terms::{
        DURATION, EPOCH, HARDWARE, NOS, RESULT, STAKE, batch, challenged, terms, verified_terms,
    },
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::Sample;

/// How long a node runs a job, in seconds.
pub(super) const RUN_SECONDS: u64 = 30;

/// The cells that the market of the disputed jobs gets beside its first ones.
const MORE_CELLS: u32 = 200;

/// A world in which one life follows the other.
pub struct Lives {
    pub(super) world: World<Lite>,
    /// A market with a challenge window.
    challenged: Address,
    /// A market that takes verified jobs.
    pub(super) verified: Address,
    samples: Vec<Sample>,
}

/// Who takes part in a life.
pub(super) struct Parties {
    pub(super) client: Keypair,
    pub(super) node: Keypair,
}

impl Lives {
    pub async fn new() -> Self {
        let world = World::<Lite>::new(terms()).await;
        let challenged = world.open_market(2, challenged()).await;
        let verified = world.open_market(3, verified_terms()).await;
        let lives = Self { world, challenged, verified, samples: Vec::new() };

        // A disputed job needs room in its market's queue, and nobody ends these disputes.
        let payer = &lives.world.stranger;
        let grow = actions::grow_queue(payer.pubkey(), verified, MORE_CELLS);
        lives.send(grow, &[payer]).await;
        lives
    }

    /// Forgets what was measured so far.
    pub fn forget_samples(&mut self) {
        self.samples.clear();
    }

    /// Returns what was measured.
    pub fn into_samples(self) -> Vec<Sample> {
        self.samples
    }

    /// A client and a node come, do one of everything, and leave nothing in the queues.
    pub async fn live_once(&mut self, rng: &mut Rng) {
        let parties =
            Parties { client: self.world.wallet().await, node: self.world.wallet().await };
        self.open_node(&parties.node).await;
        self.settle_first(&parties, rng.next_u64()).await;
        self.finish_second(&parties, rng.next_u64()).await;
        self.cancel_third(&parties, rng.next_u64()).await;
        self.claim_rewards(&parties.node).await;
        self.challenge_fourth(&parties, rng.next_u64()).await;
    }

    async fn open_node(&mut self, node: &Keypair) {
        let key = node.pubkey();
        let mint = self.world.mint;
        let stake = count_steps(&staking::ID, &[seeds::STAKE, key.as_ref()]);
        let position = count_steps(&rewards::ID, &[seeds::POSITION, key.as_ref()]);
        let account = count_steps(&jobs::ID, &[seeds::NODE, key.as_ref()]);

        let open = actions::open_stake(key, mint, STAKE, DURATION);
        self.measure("staking.open_stake", stake + position, open, &[node]).await;
        self.measure("rewards.enter", position, actions::enter(key), &[node]).await;
        let register = actions::register_node(key, mint, HARDWARE);
        self.measure("jobs.register_node", stake + account, register, &[node]).await;
    }

    /// The node's first job, whose result is paid after a challenge window.
    async fn settle_first(&mut self, parties: &Parties, nonce: u64) {
        let market = self.challenged;
        let key = parties.node.pubkey();
        let by = [&parties.node];
        let list = self.list_in(market, parties, nonce);
        let job = list.job;
        self.send(list, &[&parties.client]).await;
        let work = actions::work(key, market, 1);
        self.measure("jobs.work, the first, a job waits", 0, work, &by).await;
        let start = actions::start(key, job, &self.world.job(&job).await);
        self.send(start, &by).await;

        self.world.advance_clock(RUN_SECONDS);
        let stored = self.world.job(&job).await;
        let finish = actions::finish(key, job, &stored, key, RESULT, NO_TRACE);
        self.measure("jobs.finish, to be settled", 0, finish, &by).await;

        self.world.advance_clock(challenged().challenge_seconds.into());
        let settle = actions::settle(key, job, &self.world.job(&job).await, key);
        self.measure("jobs.settle", 0, settle, &by).await;
    }

    /// A whole job whose result is paid at once.
    async fn finish_second(&mut self, parties: &Parties, nonce: u64) {
        let market = self.world.market;
        let key = parties.node.pubkey();
        let by = [&parties.node];
        let list = self.list_in(market, parties, nonce);
        let job = list.job;
        let client = parties.client.pubkey();
        let steps = count_steps(&jobs::ID, &[seeds::JOB, client.as_ref(), &nonce.to_le_bytes()]);
        self.measure("jobs.list", steps, list, &[&parties.client]).await;
        self.measure("jobs.work, a job waits", 0, actions::work(key, market, 1), &by).await;
        let start = actions::start(key, job, &self.world.job(&job).await);
        self.measure("jobs.start", 0, start, &by).await;

        self.world.advance_clock(RUN_SECONDS);
        let stored = self.world.job(&job).await;
        let heartbeat = actions::heartbeat(key, job, stored.attempt_id, [0; 32], 0);
        self.measure("jobs.heartbeat", 0, heartbeat, &by).await;
        let finish = actions::finish(key, job, &stored, key, RESULT, NO_TRACE);
        self.measure("jobs.finish", 0, finish, &by).await;

        self.world.advance_clock(terms().retention_seconds.into());
        let clean = actions::clean(job, &self.world.job(&job).await);
        self.measure("jobs.clean", 0, clean, &[]).await;
    }

    /// A job that its client withdraws.
    async fn cancel_third(&mut self, parties: &Parties, nonce: u64) {
        let list = self.list_in(self.world.market, parties, nonce);
        let job = list.job;
        self.send(list, &[&parties.client]).await;

        let cell = self.world.cell(&job).await;
        let cancel = actions::cancel(job, &self.world.job(&job).await, cell);
        self.measure("jobs.cancel", 0, cancel, &[&parties.client]).await;
    }

    /// The node's owner takes what its stake has earned in two epochs.
    async fn claim_rewards(&mut self, owner: &Keypair) {
        let mint = self.world.mint;
        let key = owner.pubkey();
        let fund = actions::fund(self.world.client.pubkey(), mint, NOS);
        self.send(fund, &[&self.world.client]).await;

        self.world.advance_clock(2 * EPOCH);
        self.measure("rewards.sync", 0, actions::sync(key), &[]).await;
        self.world.advance_clock(EPOCH);
        self.measure("rewards.claim", 0, actions::claim(key, mint), &[owner]).await;
    }

    /// Returns the listing of a client's job in a market.
    fn list_in(&self, market: Address, parties: &Parties, nonce: u64) -> jobs::instructions::List {
        let client = parties.client.pubkey();
        actions::list(client, client, market, self.world.mint, batch(nonce))
    }

    /// Sends an instruction, and keeps what it cost.
    pub(super) async fn measure(
        &mut self,
        label: &'static str,
        steps: u64,
        instruction: impl Into<Instruction>,
        signers: &[&Keypair],
    ) {
        let units = self.send(instruction, signers).await;
        self.samples.push(Sample { label, units, steps });
    }

    /// Sends an instruction, which must succeed, and returns its compute units. The audit of the
    /// other suites is left out: it would read all wallets after every step.
    pub(super) async fn send(
        &self,
        instruction: impl Into<Instruction>,
        signers: &[&Keypair],
    ) -> u64 {
        match self.world.attempt(instruction, signers).await {
            Ok(done) => done.compute_units,
            Err(failure) => panic!("{}\n{}", failure.refusal(), failure.logs.join("\n")),
        }
    }
}

/// Returns the bumps above that of the address with these seeds, which a search passes over.
pub(super) fn count_steps(program: &Address, seeds: &[&[u8]]) -> u64 {
    let (_, bump) = Address::find_program_address(seeds, program);
    u64::from(u8::MAX - bump)
}

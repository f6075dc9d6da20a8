//! The transactions of a whole job.

use nosana_client::{
    actions::{self, NO_TRACE},
    jobs, pda,
    session::MAX_LOADED_BYTES,
};
use nosana_protocol::seeds;
use nosana_tests::{
    Chain, Lite, World,
    terms::{RESULT, batch, challenged},
};
use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The most compute units that a transaction may use.
pub const MAX_UNITS: u32 = 1_400_000;
/// How long the node runs a job, in seconds.
pub const RUN_SECONDS: u64 = 30;

/// An instruction of a whole job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    List,
    Work,
    Start,
    Finish,
    Settle,
    Clean,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 6] =
        [Self::List, Self::Work, Self::Start, Self::Finish, Self::Settle, Self::Clean];

    /// The instruction's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Work => "work",
            Self::Start => "start",
            Self::Finish => "finish",
            Self::Settle => "settle",
            Self::Clean => "clean",
        }
    }

    /// Returns the seconds between the step before it and this one, at the earliest.
    pub const fn wait_seconds(self) -> u64 {
        match self {
            Self::List | Self::Work | Self::Start => 0,
            Self::Finish => RUN_SECONDS,
            Self::Settle => challenged().challenge_seconds as u64,
            Self::Clean => challenged().retention_seconds as u64,
        }
    }
}

/// Who runs a job, and where.
#[derive(Clone, Copy)]
pub struct Role<'a> {
    /// Lists the job, pays for it and closes it.
    pub client: &'a Keypair,
    /// Takes the job, runs it and settles it.
    pub node: &'a Keypair,
    /// A market with a challenge window.
    pub market: Address,
}

/// A transaction that is ready to be sent.
pub struct Request<'a> {
    pub step: Step,
    pub instruction: Instruction,
    /// The only signer.
    pub payer: &'a Keypair,
}

impl<'a> Role<'a> {
    /// Advances the clock to the earliest time of this step of the job with this nonce, and returns
    /// its transaction.
    pub async fn prepare(&self, world: &World<Lite>, step: Step, nonce: u64) -> Request<'a> {
        world.advance_clock(step.wait_seconds());
        self.build_request(world, step, nonce).await
    }

    /// Returns the transaction of this step of the job with this nonce.
    pub async fn build_request<C: Chain>(
        &self,
        world: &World<C>,
        step: Step,
        nonce: u64,
    ) -> Request<'a> {
        let client = self.client.pubkey();
        let node = self.node.pubkey();
        let job = pda::jobs::job(&client, nonce);

        let (instruction, payer): (Instruction, &'a Keypair) = match step {
            Step::List => {
                let list = actions::list(client, client, self.market, world.mint, batch(nonce));
                (list.into(), self.client)
            }
            Step::Work => (actions::work(node, self.market, 1).into(), self.node),
            Step::Start => (actions::start(node, job, &world.job(&job).await).into(), self.node),
            Step::Finish => {
                let stored = world.job(&job).await;
                let finish = actions::finish(node, job, &stored, node, RESULT, NO_TRACE);
                (finish.into(), self.node)
            }
            Step::Settle => {
                let settle = actions::settle(node, job, &world.job(&job).await, node);
                (settle.into(), self.node)
            }
            Step::Clean => (actions::clean(job, &world.job(&job).await).into(), self.client),
        };
        Request { step, instruction, payer }
    }
}

impl Request<'_> {
    /// Returns the instructions as a client sends them: behind the limit of compute units, and that
    /// of loaded bytes unless it is `None`.
    pub fn with_limits(&self, units: u32, loaded_bytes: Option<u32>) -> Vec<Instruction> {
        let loaded =
            loaded_bytes.map(ComputeBudgetInstruction::set_loaded_accounts_data_size_limit);
        let units = ComputeBudgetInstruction::set_compute_unit_limit(units);

        std::iter::once(units).chain(loaded).chain([self.instruction.clone()]).collect()
    }

    /// Signs and sends the transaction, which must succeed.
    pub async fn send(&self, world: &World<Lite>) {
        let instructions = self.with_limits(MAX_UNITS, Some(MAX_LOADED_BYTES));
        let sent = world.chain.send(&instructions, self.payer, &[]).await;
        if let Err(failure) = sent {
            panic!("{}: {}\n{}", self.step.name(), failure.refusal(), failure.logs.join("\n"));
        }
    }
}

/// Returns the first nonce from `from` on whose job has the first bump. Another address would cost
/// its client some hundred compute units for each step of the search.
pub fn next_nonce(client: &Address, from: u64) -> u64 {
    let has_first_bump = |nonce: &u64| {
        let seeds = [seeds::JOB, client.as_ref(), &nonce.to_le_bytes()];
        Address::find_program_address(&seeds, &jobs::ID).1 == 255
    };
    (from..).find(has_first_bump).expect("there is one")
}

//! Measures instructions, each beside its ceiling.

use std::cell::{Cell, RefCell};

use nosana_client::{
    actions::{self, JobListing},
    jobs, pda, rewards, staking,
};
use nosana_protocol::seeds;
use nosana_tests::{
    Executed, Footprint, Lite, RentChange, World,
    catalogue::{Entry, entries},
    terms::{batch, terms},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The most that an instruction may cost, in compute units.
pub struct Ceiling {
    pub entry: &'static Entry,
    /// The most that it may cost today.
    pub units: u64,
    /// The most that it should cost. None is set for instructions that are rare.
    pub goal: Option<u64>,
    /// The situation, where there are several.
    situation: &'static str,
}

/// The ceiling of an instruction: `jobs.list`.
pub fn ceiling(path: &str, units: u64) -> Ceiling {
    let entry = entries().find(|entry| entry.path() == path);
    let entry = entry.unwrap_or_else(|| panic!("the catalogue has no {path}"));
    Ceiling { entry, units, goal: None, situation: "" }
}

impl Ceiling {
    /// The same instruction in a situation that changes its cost.
    pub const fn when(self, situation: &'static str) -> Self {
        Self { situation, ..self }
    }

    pub const fn with_goal(self, goal: u64) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// The instruction and the situation.
    pub fn label(&self) -> String {
        let separator = if self.situation.is_empty() { "" } else { ", " };
        format!("{}{separator}{}", self.entry.path(), self.situation)
    }
}

/// A measured instruction.
pub struct Cost {
    pub ceiling: Ceiling,
    pub units: u64,
    /// The size of the transaction; of one that another instruction called, that of the caller.
    pub footprint: Footprint,
    /// The rent that the transaction moved.
    pub rent: RentChange,
}

/// Whether the search for the bump of this address ends at its first try.
pub fn has_first_bump(program: &Address, seeds: &[&[u8]]) -> bool {
    Address::find_program_address(seeds, program).1 == 255
}

/// Whether all addresses of a wallet have the first bump.
pub fn has_first_bumps(wallet: &Address) -> bool {
    has_first_bump(&jobs::ID, &[seeds::NODE, wallet.as_ref()])
        && has_first_bump(&staking::ID, &[seeds::STAKE, wallet.as_ref()])
        && has_first_bump(&rewards::ID, &[seeds::POSITION, wallet.as_ref()])
}

/// Whether all addresses of a wallet, and that of the position of those who delegate to it, have
/// the first bump.
pub fn has_backed_bumps(wallet: &Address) -> bool {
    let stake = pda::staking::stake(wallet);
    has_first_bumps(wallet) && has_first_bump(&rewards::ID, &[seeds::POSITION, stake.as_ref()])
}

/// Returns the first nonce from `from` on whose job has the first bump.
pub fn nonce_with_first_bump(client: &Address, from: u64) -> u64 {
    let seeds = |nonce: &u64| {
        has_first_bump(&jobs::ID, &[seeds::JOB, client.as_ref(), &nonce.to_le_bytes()])
    };
    (from..).find(seeds).expect("there is one")
}

/// A world whose instructions are measured.
pub struct Meter {
    pub world: World<Lite>,
    costs: RefCell<Vec<Cost>>,
    nonce: Cell<u64>,
}

impl Meter {
    pub async fn new() -> Self {
        let world = World::new(terms()).await;
        Self { world, costs: RefCell::default(), nonce: Cell::new(0) }
    }

    /// Returns what was measured, in order.
    pub fn into_costs(self) -> Vec<Cost> {
        self.costs.into_inner()
    }

    /// Sends an instruction and records its cost.
    pub async fn run(
        &self,
        ceiling: Ceiling,
        instruction: impl Into<Instruction>,
        signers: &[&Keypair],
    ) {
        let done = self.world.run(instruction, signers).await;
        self.record(ceiling, &done);
    }

    /// Records the cost of an instruction.
    pub fn record(&self, ceiling: Ceiling, done: &Executed) {
        self.push(ceiling, done.compute_units, done);
    }

    /// Records the cost of an instruction that another one called.
    pub fn record_callee(&self, ceiling: Ceiling, done: &Executed) {
        let entry = ceiling.entry;
        let units = done.inner_units(&entry.program.id());
        let [units] = units[..] else {
            panic!("{} is called once, not {units:?}", entry.path());
        };
        self.push(ceiling, units, done);
    }

    fn push(&self, ceiling: Ceiling, units: u64, done: &Executed) {
        let label = ceiling.label();
        let mut costs = self.costs.borrow_mut();
        let is_new = costs.iter().all(|cost| cost.ceiling.label() != label);
        assert!(is_new, "{label} is measured once");

        let rent = done.rent.expect("LiteSVM measures the rent");
        costs.push(Cost { ceiling, units, footprint: done.footprint, rent });
    }

    /// Returns the client's next order.
    pub fn next_order(&self) -> JobListing {
        let nonce = nonce_with_first_bump(&self.world.client.pubkey(), self.nonce.get() + 1);
        self.nonce.set(nonce);
        batch(nonce)
    }

    /// Lists a job; records the cost if there is a ceiling.
    pub async fn list(&self, ceiling: Option<Ceiling>) -> Address {
        let order = self.next_order();
        let world = &self.world;
        let client = world.client.pubkey();
        let list = actions::list(client, client, world.market, world.mint, order);
        let job = list.job;

        let done = world.run(list, &[&world.client]).await;
        if let Some(ceiling) = ceiling {
            self.record(ceiling, &done);
        }
        job
    }
}

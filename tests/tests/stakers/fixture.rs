//! The real runtime with all stakers and sponsors, and steps as transactions.

use std::{cell::RefCell, collections::BTreeMap};

use nosana_client::{actions, jobs::types::MarketTerms, pda, token};
use nosana_tests::{
    Chain, Failure, Lite, World,
    catalogue::{self, Entry},
    terms::{HARDWARE, NOS, terms},
    world::{swap, unsigned},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    model::Model,
    stakes::{COLLATERAL, PENALTY, START_SECONDS},
    step::{Action, NODES, SPONSORS, STAKERS, Step, Tampering},
};

/// What the first sponsor gets on top, in base units: forty thousand times the supply of NOS.
pub const TREASURE: u64 = 4_000_000_000_000_000_000;

/// A staker's addresses, which are derived once.
pub struct StakerAddresses {
    pub key: Keypair,
    pub wallet: Address,
    pub token_account: Address,
    pub stake: Address,
    pub position: Address,
    /// The position of what is delegated.
    pub delegated: Address,
}

/// The result of a step, and the instruction of the catalogue that it sent.
pub struct Applied {
    pub entry: Option<&'static Entry>,
    pub result: Result<(), Failure>,
}

/// The runtime.
pub struct Fixture {
    pub world: World<Lite>,
    pub stakers: Vec<StakerAddresses>,
    pub sponsors: Vec<Keypair>,
    /// Which node took which job.
    pub jobs: RefCell<BTreeMap<u64, (usize, Address)>>,
    /// The supply at the start, in base units.
    pub supply: u64,
}

impl Fixture {
    /// Sets everything up. The first sponsor is very rich if `treasure` is set.
    pub async fn new(treasure: bool) -> (Self, Model) {
        let mut world = World::<Lite>::bare().await;
        world.initialize().await;
        let terms = MarketTerms {
            min_xnos: NOS,
            collateral_per_job: COLLATERAL,
            no_start_penalty: PENALTY,
            start_seconds: u32::try_from(START_SECONDS).expect("small"),
            ..terms()
        };
        world.market = world.open_market(1, terms).await;
        world.advance_clock(1);

        let mut model = Model::new(world.now());
        model.pool.updated = nosana_tests::terms::START;

        let mut stakers = Vec::new();
        for who in 0..STAKERS {
            let key = world.wallet().await;
            if who < NODES {
                send_or_panic(
                    &world,
                    actions::register_node(key.pubkey(), world.mint, HARDWARE),
                    &[&key],
                )
                .await;
            }
            let wallet = key.pubkey();
            stakers.push(StakerAddresses {
                wallet,
                token_account: world.token_account(&wallet),
                stake: pda::staking::stake(&wallet),
                delegated: pda::rewards::position(&pda::staking::stake(&wallet)),
                position: pda::rewards::position(&wallet),
                key,
            });
        }

        let mut sponsors = Vec::new();
        while sponsors.len() < SPONSORS {
            sponsors.push(world.wallet().await);
        }

        if treasure {
            let account = world.token_account(&sponsors[0].pubkey());
            let mint = token::mint_to(&world.mint, &account, &world.deployer.pubkey(), TREASURE)
                .expect("valid");
            send_or_panic(&world, mint, &[&world.deployer]).await;
            model.sponsors[0] += TREASURE;
        }
        let supply = world.supply().await;
        (Self { world, stakers, sponsors, jobs: RefCell::default(), supply }, model)
    }

    /// Applies a step. Returns the result, and the instruction that was sent.
    pub async fn apply(&self, step: &Step) -> Applied {
        if let Action::AdvanceClock { seconds } = step.action {
            self.world.advance_clock(seconds);
            return Applied { entry: None, result: Ok(()) };
        }
        let (mut instruction, signer) = self.instruction(&step.action).await;
        let signer = match step.tampering {
            Tampering::None => signer,
            Tampering::OtherSigner(who) => {
                let owner = signer.expect("an owner");
                let thief = &self.stakers[who].key;
                instruction = swap(instruction, owner.pubkey(), thief.pubkey());
                Some(thief)
            }
            Tampering::Unsigned => {
                instruction = unsigned(instruction, signer.expect("an owner").pubkey());
                None
            }
        };

        let entry = catalogue::identify(&instruction);
        let result = self.world.attempt(instruction, signer.as_slice()).await.map(|_| ());
        match step.action {
            // No other node takes the job, and the deposit comes back.
            Action::TakeJob { job, .. } if result.is_err() => self.cancel_job(job).await,
            // What the penalty leaves is released at once, so that only jobs lock collateral here.
            Action::ExpireMatch { job } if result.is_ok() => {
                self.cancel_job(job).await;
                self.release_collateral(job).await;
            }
            _ => {}
        }
        Applied { entry, result }
    }

    /// The client cancels a job if it waits in the queue: after a long time it has already been
    /// refunded.
    async fn cancel_job(&self, job: u64) {
        let address = self.jobs.borrow()[&job].1;
        if let Some(cell) = self.world.queue().await.find_cell(&address) {
            let cancel = actions::cancel(address, &self.world.job(&address).await, cell);
            send_or_panic(&self.world, cancel, &[&self.world.node]).await;
        }
    }

    /// The node that took the job releases the collateral that it has kept.
    async fn release_collateral(&self, job: u64) {
        let who = self.jobs.borrow()[&job].0;
        let owner = &self.stakers[who].key;
        let release = actions::release_collateral(owner.pubkey());
        send_or_panic(&self.world, release, &[owner]).await;
    }

    /// Returns whether the account exists.
    pub async fn exists(&self, address: &Address) -> bool {
        self.world.chain.account(address).await.is_some_and(|account| !account.data.is_empty())
    }
}

pub async fn send_or_panic(
    world: &World<Lite>,
    instruction: impl Into<Instruction>,
    signers: &[&Keypair],
) {
    if let Err(failure) = world.attempt(instruction, signers).await {
        panic!("{}\n{}", failure.refusal(), failure.logs.join("\n"));
    }
}

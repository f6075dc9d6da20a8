//! The real runtime with all stakers and sponsors, and steps as transactions.

use std::{cell::RefCell, collections::BTreeMap};

use nosana_client::{
    actions::{self, Emission},
    jobs::types::MarketTerms,
    pda, rewards, staking, token,
};
use nosana_tests::{
    Chain, Failure, Lite, World,
    catalogue::{self, Entry},
    terms::{HARDWARE, NOS, batch, terms},
    world::{swap, unsigned},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    model::Model,
    stakes::{COLLATERAL, PENALTY, START_SECONDS},
    step::{Action, NODES, SPONSORS, STAKERS, Step, Tampering, Vault, owner_of},
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
    jobs: RefCell<BTreeMap<u64, (usize, Address)>>,
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
        (Self { world, stakers, sponsors, jobs: RefCell::default() }, model)
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
            Action::ExpireMatch { job } if result.is_ok() => self.cancel_job(job).await,
            _ => {}
        }
        Applied { entry, result }
    }

    async fn instruction(&self, action: &Action) -> (Instruction, Option<&Keypair>) {
        let mint = self.world.mint;
        let signer = |who: usize| (self.stakers[who].wallet, Some(&self.stakers[who].key));
        match *action {
            Action::AdvanceClock { .. } => unreachable!("it sends no transaction"),
            Action::Stake { who, amount, duration } => {
                let (owner, by) = signer(who);
                (actions::stake(owner, mint, amount, duration).into(), by)
            }
            Action::TopUp { who, amount } => {
                (actions::top_up_stake(signer(who).0, mint, amount).into(), signer(who).1)
            }
            Action::Extend { who, duration } => {
                (actions::extend_stake(signer(who).0, duration).into(), signer(who).1)
            }
            Action::Unstake { who } => (actions::unstake(signer(who).0).into(), signer(who).1),
            Action::Restake { who } => (actions::restake(signer(who).0).into(), signer(who).1),
            Action::Withdraw { who } => {
                (actions::withdraw(signer(who).0, mint).into(), signer(who).1)
            }
            Action::Close { who } => {
                let place = &self.stakers[who];
                let close =
                    staking::instructions::Close { owner: place.wallet, stake: place.stake };
                (close.into(), Some(&place.key))
            }
            Action::Compound { who } => (actions::compound(signer(who).0).into(), signer(who).1),
            Action::Enter { who } => (actions::enter(signer(who).0).into(), signer(who).1),
            Action::Sync { who } => (actions::sync(signer(who).0).into(), None),
            Action::SyncWith { who, other } => {
                let place = &self.stakers[who];
                (swap(actions::sync(place.wallet), place.stake, self.stakers[other].stake), None)
            }
            Action::Claim { who } => (actions::claim(signer(who).0, mint).into(), signer(who).1),
            Action::Exit { who } => (actions::exit(signer(who).0, mint).into(), signer(who).1),
            Action::Fund { by, amount } => {
                let key = &self.sponsors[by];
                (actions::fund(key.pubkey(), mint, amount).into(), Some(key))
            }
            Action::OpenStream { by, id, amount, wait, length, cancellable } => {
                let key = &self.sponsors[by];
                let start = self.world.now() + wait;
                let end = start.checked_add_unsigned(length).expect("in range");
                let emission = Emission { id, amount, start, end, cancellable };
                (actions::open_stream(key.pubkey(), mint, emission).into(), Some(key))
            }
            Action::Drip { id } => (actions::drip(self.stream(id)).into(), None),
            Action::CloseStream { id, by } => {
                let owner = self.sponsors[owner_of(id)].pubkey();
                let key = &self.sponsors[by];
                (actions::close_stream(key.pubkey(), owner, mint, id).into(), Some(key))
            }
            Action::TakeJob { who, job } => {
                let client = &self.world.node;
                let list = actions::list(
                    client.pubkey(),
                    client.pubkey(),
                    self.world.market,
                    mint,
                    batch(job),
                );
                self.jobs.borrow_mut().insert(job, (who, list.job));
                send_or_panic(&self.world, list, &[client]).await;
                (actions::work(signer(who).0, self.world.market, 1).into(), signer(who).1)
            }
            Action::ExpireMatch { job } => {
                let (who, address) = self.jobs.borrow()[&job];
                let reporter = self.world.token_account(&self.world.stranger.pubkey());
                (
                    actions::expire_match(
                        address,
                        &self.world.job(&address).await,
                        signer(who).0,
                        reporter,
                    )
                    .into(),
                    None,
                )
            }
            Action::EnterDelegated { to } => {
                let payer = &self.sponsors[0];
                (actions::enter_delegated(payer.pubkey(), signer(to).0).into(), Some(payer))
            }
            Action::SetDelegation { who, accepting, bps } => {
                (actions::set_delegation(signer(who).0, accepting, bps).into(), signer(who).1)
            }
            Action::OpenDelegation { who, to } => {
                (actions::open_delegation(signer(who).0, signer(to).0).into(), signer(who).1)
            }
            Action::Delegate { who, to, amount, max_bps } => (
                actions::delegate(signer(who).0, signer(to).0, mint, amount, max_bps).into(),
                signer(who).1,
            ),
            Action::Undelegate { who, to, by_node } => {
                let (by, key) = signer(if by_node { to } else { who });
                (actions::undelegate(by, signer(who).0, signer(to).0).into(), key)
            }
            Action::WithdrawDelegated { who, to } => {
                (actions::withdraw_delegated(signer(who).0, signer(to).0, mint).into(), None)
            }
            Action::ClaimDelegated { who, to } => {
                (actions::claim_delegated(signer(who).0, signer(to).0, mint).into(), None)
            }
            Action::ClaimCommission { who } => {
                (actions::claim_commission(signer(who).0, mint).into(), signer(who).1)
            }
            Action::CloseDelegation { who, to, by_node } => {
                let (by, key) = signer(if by_node { to } else { who });
                (actions::close_delegation(by, signer(who).0, signer(to).0).into(), key)
            }
            Action::SyncDelegated { to } => {
                let place = &self.stakers[to];
                let sync = actions::sync(place.wallet);
                let delegated = place.delegated;
                (
                    nosana_client::rewards::instructions::Sync { position: delegated, ..sync }
                        .into(),
                    None,
                )
            }
            Action::Donate { to, amount } => {
                let vault =
                    if to == Vault::Pool { pda::rewards::vault() } else { pda::staking::vault() };
                let key = &self.world.stranger;
                let owner = self.world.stranger.pubkey();
                let source = self.world.token_account(&owner);
                (token::transfer(&source, &vault, &mint, &owner, amount).expect("valid"), Some(key))
            }
            Action::SetPaused { vault, on } => {
                let key = &self.world.deployer;
                let guardian = self.world.deployer.pubkey();
                let pause = match vault {
                    Vault::Stakes => {
                        staking::instructions::SetPaused { guardian, paused: on }.into()
                    }
                    Vault::Pool => rewards::instructions::SetPaused { guardian, paused: on }.into(),
                };
                (pause, Some(key))
            }
        }
    }

    /// The address of a stream.
    pub fn stream(&self, id: u64) -> Address {
        pda::rewards::stream(&self.sponsors[owner_of(id)].pubkey(), id)
    }

    /// The client cancels a job if it waits in the queue: after a long time it has already been
    /// refunded.
    async fn cancel_job(&self, job: u64) {
        let address = self.jobs.borrow()[&job].1;
        if let Some(cell) = self.world.queue().await.index_of(&address) {
            let cancel = actions::cancel(address, &self.world.job(&address).await, cell);
            send_or_panic(&self.world, cancel, &[&self.world.node]).await;
        }
    }

    /// Returns whether the account exists.
    pub async fn exists(&self, address: &Address) -> bool {
        self.world.chain.account(address).await.is_some_and(|account| !account.data.is_empty())
    }
}

async fn send_or_panic(
    world: &World<Lite>,
    instruction: impl Into<Instruction>,
    signers: &[&Keypair],
) {
    if let Err(failure) = world.attempt(instruction, signers).await {
        panic!("{}\n{}", failure.refusal(), failure.logs.join("\n"));
    }
}

//! The real runtime with everybody on it, and steps as transactions.

use std::{cell::RefCell, collections::BTreeMap};

use nosana_client::{
    actions::{self, Emission},
    jobs::types::MarketTerms,
    pda, rewards, staking, token,
};
use nosana_tests::{
    Chain, Failure, Lite, World,
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
    step::{Action, Forgery, NODES, SPONSORS, STAKERS, Step, Vault, owner_of},
};

/// What the first sponsor gets on top, in base units: forty thousand times the supply of NOS.
pub const TREASURE: u64 = 4_000_000_000_000_000_000;

/// A staker's addresses, which are derived once.
pub struct Place {
    pub key: Keypair,
    pub wallet: Address,
    pub purse: Address,
    pub stake: Address,
    pub position: Address,
    /// The position of what is delegated.
    pub delegated: Address,
}

/// The runtime.
pub struct Stage {
    pub world: World<Lite>,
    pub places: Vec<Place>,
    pub sponsors: Vec<Keypair>,
    /// Which node took which job.
    jobs: RefCell<BTreeMap<u64, (usize, Address)>>,
}

impl Stage {
    /// Sets everything up. The first sponsor is very rich if `treasure` says so.
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
        world.pass(1);
        let mut model = Model::new(world.now());
        model.pool.updated = nosana_tests::terms::START;
        let mut places = Vec::new();
        for who in 0..STAKERS {
            let key = world.wallet().await;
            if who < NODES {
                must(&world, actions::register_node(key.pubkey(), world.mint, HARDWARE), &[&key])
                    .await;
            }
            let wallet = key.pubkey();
            places.push(Place {
                wallet,
                purse: world.token_account(&wallet),
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
            must(&world, mint, &[&world.deployer]).await;
            model.sponsors[0] += TREASURE;
        }
        (Self { world, places, sponsors, jobs: RefCell::default() }, model)
    }

    /// Lets a step happen.
    pub async fn perform(&self, step: &Step) -> Result<(), Failure> {
        if let Action::Pass { seconds } = step.action {
            self.world.pass(seconds);
            return Ok(());
        }
        let (mut instruction, signer) = self.instruction(&step.action).await;
        let signer = match step.forgery {
            Forgery::Honest => signer,
            Forgery::Thief(who) => {
                let (owner, thief) = (signer.expect("an owner"), &self.places[who].key);
                instruction = swap(instruction, owner.pubkey(), thief.pubkey());
                Some(thief)
            }
            Forgery::Unsigned => {
                instruction = unsigned(instruction, signer.expect("an owner").pubkey());
                None
            }
        };
        let outcome = self.world.attempt(instruction, signer.as_slice()).await.map(|_| ());
        match step.action {
            // Nobody else is to meet the job, and the deposit comes back.
            Action::Offend { job, .. } if outcome.is_err() => self.withdraw_job(job).await,
            Action::Expire { job } if outcome.is_ok() => self.withdraw_job(job).await,
            _ => {}
        }
        outcome
    }

    async fn instruction(&self, action: &Action) -> (Instruction, Option<&Keypair>) {
        let mint = self.world.mint;
        let place = |who: usize| (self.places[who].wallet, Some(&self.places[who].key));
        match *action {
            Action::Pass { .. } => unreachable!("it is no transaction"),
            Action::Stake { who, amount, duration } => {
                let (owner, by) = place(who);
                (actions::stake(owner, mint, amount, duration).into(), by)
            }
            Action::TopUp { who, amount } => {
                (actions::top_up_stake(place(who).0, mint, amount).into(), place(who).1)
            }
            Action::Extend { who, duration } => {
                (actions::extend_stake(place(who).0, duration).into(), place(who).1)
            }
            Action::Unstake { who } => (actions::unstake(place(who).0).into(), place(who).1),
            Action::Restake { who } => (actions::restake(place(who).0).into(), place(who).1),
            Action::Withdraw { who } => {
                (actions::withdraw(place(who).0, mint).into(), place(who).1)
            }
            Action::Close { who } => {
                let place = &self.places[who];
                let close =
                    staking::instructions::Close { owner: place.wallet, stake: place.stake };
                (close.into(), Some(&place.key))
            }
            Action::Compound { who } => (actions::compound(place(who).0).into(), place(who).1),
            Action::Enter { who } => (actions::enter(place(who).0).into(), place(who).1),
            Action::Sync { who } => (actions::sync(place(who).0).into(), None),
            Action::SyncWith { who, other } => {
                let place = &self.places[who];
                (swap(actions::sync(place.wallet), place.stake, self.places[other].stake), None)
            }
            Action::Claim { who } => (actions::claim(place(who).0, mint).into(), place(who).1),
            Action::Exit { who } => (actions::exit(place(who).0, mint).into(), place(who).1),
            Action::Fund { by, amount } => {
                let key = &self.sponsors[by];
                (actions::fund(key.pubkey(), mint, amount).into(), Some(key))
            }
            Action::Open { by, id, amount, wait, length, cancellable } => {
                let (key, start) = (&self.sponsors[by], self.world.now() + wait);
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
            Action::Offend { who, job } => {
                let client = &self.world.node;
                let list = actions::list(
                    client.pubkey(),
                    client.pubkey(),
                    self.world.market,
                    mint,
                    batch(job),
                );
                self.jobs.borrow_mut().insert(job, (who, list.job));
                must(&self.world, list, &[client]).await;
                (actions::work(place(who).0, self.world.market, 1).into(), place(who).1)
            }
            Action::Expire { job } => {
                let (who, address) = self.jobs.borrow()[&job];
                let reporter = self.world.token_account(&self.world.stranger.pubkey());
                (
                    actions::expire_match(
                        address,
                        &self.world.job(&address).await,
                        place(who).0,
                        reporter,
                    )
                    .into(),
                    None,
                )
            }
            Action::EnterDelegated { to } => {
                let payer = &self.sponsors[0];
                (actions::enter_delegated(payer.pubkey(), place(to).0).into(), Some(payer))
            }
            Action::Offer { who, accepting, bps } => {
                (actions::set_delegation(place(who).0, accepting, bps).into(), place(who).1)
            }
            Action::OpenDelegation { who, to } => {
                (actions::open_delegation(place(who).0, place(to).0).into(), place(who).1)
            }
            Action::Delegate { who, to, amount, max_bps } => (
                actions::delegate(place(who).0, place(to).0, mint, amount, max_bps).into(),
                place(who).1,
            ),
            Action::Undelegate { who, to, by_node } => {
                let (by, key) = place(if by_node { to } else { who });
                (actions::undelegate(by, place(who).0, place(to).0).into(), key)
            }
            Action::WithdrawDelegated { who, to } => {
                (actions::withdraw_delegated(place(who).0, place(to).0, mint).into(), None)
            }
            Action::ClaimDelegated { who, to } => {
                (actions::claim_delegated(place(who).0, place(to).0, mint).into(), None)
            }
            Action::ClaimCommission { who } => {
                (actions::claim_commission(place(who).0, mint).into(), place(who).1)
            }
            Action::CloseDelegation { who, to, by_node } => {
                let (by, key) = place(if by_node { to } else { who });
                (actions::close_delegation(by, place(who).0, place(to).0).into(), key)
            }
            Action::SyncDelegated { to } => {
                let place = &self.places[to];
                let (sync, delegated) = (actions::sync(place.wallet), place.delegated);
                (
                    nosana_client::rewards::instructions::Sync { position: delegated, ..sync }
                        .into(),
                    None,
                )
            }
            Action::Donate { to, amount } => {
                let vault =
                    if to == Vault::Pool { pda::rewards::vault() } else { pda::staking::vault() };
                let (key, owner) = (&self.world.stranger, self.world.stranger.pubkey());
                let source = self.world.token_account(&owner);
                (token::transfer(&source, &vault, &mint, &owner, amount).expect("valid"), Some(key))
            }
            Action::Pause { vault, on } => {
                let (key, guardian) = (&self.world.deployer, self.world.deployer.pubkey());
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

    /// The client takes a job out of the line, if it waits there: after a long time it has already
    /// been refunded.
    async fn withdraw_job(&self, job: u64) {
        let address = self.jobs.borrow()[&job].1;
        if let Some(cell) = self.world.queue().await.index_of(&address) {
            let cancel = actions::cancel(address, &self.world.job(&address).await, cell);
            must(&self.world, cancel, &[&self.world.node]).await;
        }
    }

    /// The account itself, for a look at what is not there.
    pub async fn exists(&self, address: &Address) -> bool {
        self.world.chain.account(address).await.is_some_and(|account| !account.data.is_empty())
    }
}

async fn must(world: &World<Lite>, instruction: impl Into<Instruction>, signers: &[&Keypair]) {
    if let Err(failure) = world.attempt(instruction, signers).await {
        panic!("{}\n{}", failure.refusal(), failure.logs.join("\n"));
    }
}

//! A small economy: a mint, three programs, a market, and wallets that trade in it.

pub mod access;
mod audit;
mod delegating;
pub mod disputes;
mod read;
mod set_up;
mod steps;
mod tamper;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use nosana_client::{Event, jobs, pda, rewards, staking, token};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::{
    catalogue::{self, Entry},
    chain::{Chain, Executed},
    failure::{Failure, Refusal},
};

pub use tamper::{swap, unsigned};

/// The economy. Every wallet has SOL and NOS. A separate fee payer pays all transaction fees, so
/// that the balances of wallets change only by what the programs do.
pub struct World<C> {
    /// The runtime.
    pub chain: C,
    /// The mint of NOS.
    pub mint: Address,
    /// The market.
    pub market: Address,
    /// Upgrade authority of the programs, authority of the mint and of the market.
    pub deployer: Keypair,
    /// Lists jobs.
    pub client: Keypair,
    /// Has a stake, a position in the reward pool, and a node.
    pub node: Keypair,
    /// A second node, set up in the same way.
    pub other_node: Keypair,
    /// Has a stake and a position.
    pub staker: Keypair,
    /// Has no role and no rights.
    pub stranger: Keypair,
    fee_payer: Keypair,
    wallets_made: Cell<u64>,
    known: RefCell<Known>,
}

/// What the audit reads, and what was refused so far.
#[derive(Default)]
struct Known {
    markets: Vec<Address>,
    jobs: BTreeSet<Address>,
    owners: Vec<Address>,
    streams: Vec<Address>,
    delegations: BTreeSet<Address>,
    disputes: BTreeSet<Address>,
    donations: Vec<(Address, u64)>,
    /// Stakes that were left, or whose delegators left, without a call of the rewards program.
    unsettled: BTreeSet<Address>,
    refusals: Vec<(Option<&'static Entry>, Refusal)>,
}

/// An instruction that must be refused.
pub struct Case<'a> {
    what: &'static str,
    refusal: Refusal,
    instruction: Instruction,
    signers: Vec<&'a Keypair>,
}

/// An instruction that must be refused with `refusal`, and why.
pub fn case<'a>(
    what: &'static str,
    refusal: impl Into<Refusal>,
    instruction: impl Into<Instruction>,
    signers: &[&'a Keypair],
) -> Case<'a> {
    Case {
        what,
        refusal: refusal.into(),
        instruction: instruction.into(),
        signers: signers.to_vec(),
    }
}

impl<C: Chain> World<C> {
    /// Sends one instruction, which may fail.
    pub async fn attempt(
        &self,
        instruction: impl Into<Instruction>,
        signers: &[&Keypair],
    ) -> Result<Executed, Failure> {
        self.attempt_all(&[instruction.into()], signers).await
    }

    /// Sends several instructions in one transaction, which may fail.
    pub async fn attempt_all(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Executed, Failure> {
        self.chain.send(instructions, &self.fee_payer, signers).await
    }

    /// Sends one instruction, which must succeed, and then audits the balances.
    #[track_caller]
    pub fn run<'a>(
        &'a self,
        instruction: impl Into<Instruction>,
        signers: &'a [&'a Keypair],
    ) -> impl Future<Output = Executed> + 'a {
        let caller = std::panic::Location::caller();
        let instruction = instruction.into();

        async move {
            let done = match self.attempt(instruction, signers).await {
                Ok(done) => done,
                Err(failure) => {
                    panic!("{caller}: {}\n{}", failure.refusal(), failure.logs.join("\n"))
                }
            };
            self.record_events(&done);
            self.audit().await;
            done
        }
    }

    /// Sends one instruction, which must be refused, and checks that nothing has changed.
    #[track_caller]
    pub fn refuse<'a>(
        &'a self,
        refusal: impl Into<Refusal>,
        instruction: impl Into<Instruction>,
        signers: &'a [&'a Keypair],
    ) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        let refusal = refusal.into();
        let instruction = instruction.into();

        async move { self.check_refused(&caller.to_string(), refusal, instruction, signers).await }
    }

    /// Sends a table of instructions, all in the current state. Each must be refused.
    pub async fn refuse_all<const N: usize>(&self, cases: [Case<'_>; N]) {
        for Case { what, refusal, instruction, signers } in cases {
            self.check_refused(what, refusal, instruction, &signers).await;
        }
    }

    async fn check_refused(
        &self,
        what: &str,
        refusal: Refusal,
        instruction: Instruction,
        signers: &[&Keypair],
    ) {
        let entry = catalogue::identify(&instruction);
        let touched: Vec<Address> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        let before = self.snapshot(&touched).await;
        match self.attempt(instruction, signers).await {
            Ok(done) => panic!("{what}: succeeded\n{}", done.logs.join("\n")),
            Err(failure) => {
                let actual = failure.refusal();
                assert!(
                    actual == refusal,
                    "{what}: {actual}, expected {refusal}\n{}",
                    failure.logs.join("\n")
                );
            }
        }
        assert!(
            self.snapshot(&touched).await == before,
            "{what}: was refused, but an account changed"
        );
        self.known.borrow_mut().refusals.push((entry, refusal));
    }

    /// Returns what was refused so far: the instruction, if it is one of the catalogue, and why.
    pub fn refusals(&self) -> Vec<(Option<&'static Entry>, Refusal)> {
        self.known.borrow().refusals.clone()
    }

    /// The unix time.
    pub fn now(&self) -> i64 {
        self.chain.now()
    }

    /// Sets the unix time.
    pub fn set_clock(&self, to: i64) {
        self.chain.set_now(to);
    }

    /// Advances the unix time.
    pub fn advance_clock(&self, seconds: u64) {
        self.chain
            .set_now(self.chain.now().checked_add_unsigned(seconds).expect("the time is in range"));
    }

    /// Returns an address without an account, which cannot be paid.
    pub fn nonexistent_account(&self) -> Address {
        Address::new_from_array([0xfe; 32])
    }

    /// Returns a wallet's token account for NOS.
    pub fn token_account(&self, wallet: &Address) -> Address {
        token::associated_address(wallet, &self.mint)
    }

    /// Remembers what the audit has to read.
    pub fn record_events(&self, done: &Executed) {
        let mut known = self.known.borrow_mut();
        for event in done.events() {
            match event {
                Event::Jobs(jobs::events::Event::JobListed(listed)) => {
                    known.jobs.insert(listed.job);
                }
                Event::Jobs(jobs::events::Event::ResultChallenged(opened)) => {
                    known.disputes.insert(opened.dispute);
                }
                Event::Jobs(jobs::events::Event::MarketOpened(opened)) => {
                    known.markets.push(opened.market)
                }
                Event::Rewards(rewards::events::Event::StreamOpened(opened)) => {
                    known.streams.push(opened.stream)
                }
                Event::Staking(staking::events::Event::Delegated(given)) => {
                    known
                        .delegations
                        .insert(pda::staking::delegation(&given.stake, &given.delegator));
                }
                Event::Staking(staking::events::Event::Unstaked(left))
                    if left.unstaked_at > self.now() =>
                {
                    known.unsettled.insert(pda::staking::stake(&left.owner));
                }
                Event::Staking(staking::events::Event::Undelegated(left))
                    if left.undelegated_at > self.now() =>
                {
                    known.unsettled.insert(left.stake);
                }
                Event::Jobs(jobs::events::Event::MarketClosed(closed)) => {
                    known.markets.retain(|market| *market != closed.market);
                }
                _ => {}
            }
        }
    }
}

//! A small economy: a mint, three programs, a market, and wallets that trade in it.

mod audit;
mod delegating;
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
    chain::{Chain, Done},
    failure::{Failure, Refusal},
};

pub use tamper::{swap, unsigned};

/// The economy. Every wallet has SOL and NOS. A purse of its own pays all transaction fees, so that
/// balances of wallets change only by what the programs do.
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
    /// The same.
    pub other_node: Keypair,
    /// Has a stake and a position.
    pub staker: Keypair,
    /// Has nothing to do with anything.
    pub stranger: Keypair,
    purse: Keypair,
    wallets_made: Cell<u64>,
    known: RefCell<Known>,
}

/// What the audit looks at.
#[derive(Default)]
struct Known {
    markets: Vec<Address>,
    jobs: BTreeSet<Address>,
    owners: Vec<Address>,
    streams: Vec<Address>,
    delegations: BTreeSet<Address>,
    donations: Vec<(Address, u64)>,
    refusals: Vec<Refusal>,
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
    ) -> Result<Done, Failure> {
        self.attempt_all(&[instruction.into()], signers).await
    }

    /// Sends several instructions in one transaction, which may fail.
    pub async fn attempt_all(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Done, Failure> {
        self.chain.send(instructions, &self.purse, signers).await
    }

    /// Sends one instruction, which must succeed, and audits the books afterwards.
    #[track_caller]
    pub fn run<'a>(
        &'a self,
        instruction: impl Into<Instruction>,
        signers: &'a [&'a Keypair],
    ) -> impl Future<Output = Done> + 'a {
        let (caller, instruction) = (std::panic::Location::caller(), instruction.into());
        async move {
            let done = match self.attempt(instruction, signers).await {
                Ok(done) => done,
                Err(failure) => {
                    panic!("{caller}: {}\n{}", failure.refusal(), failure.logs.join("\n"))
                }
            };
            self.note(&done);
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
        let (refusal, instruction) = (refusal.into(), instruction.into());
        async move { self.check_refused(&caller.to_string(), refusal, instruction, signers).await }
    }

    /// The same for a table of instructions, all of them in the state of now.
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
        let touched: Vec<Address> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
        let before = self.snapshot(&touched).await;
        match self.attempt(instruction, signers).await {
            Ok(done) => panic!("{what}: went through\n{}", done.logs.join("\n")),
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
            "{what}: was refused, and changed something"
        );
        self.known.borrow_mut().refusals.push(refusal);
    }

    /// What was refused in this world so far.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.known.borrow().refusals.clone()
    }

    /// The unix time.
    pub fn now(&self) -> i64 {
        self.chain.now()
    }

    /// Sets the unix time.
    pub fn travel(&self, to: i64) {
        self.chain.set_now(to);
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        self.chain
            .set_now(self.chain.now().checked_add_unsigned(seconds).expect("the end of time"));
    }

    /// An account that is not there, and cannot be paid.
    pub fn sink(&self) -> Address {
        Address::new_from_array([0xfe; 32])
    }

    /// A wallet's token account for NOS.
    pub fn token_account(&self, wallet: &Address) -> Address {
        token::associated_address(wallet, &self.mint)
    }

    fn note(&self, done: &Done) {
        let mut known = self.known.borrow_mut();
        for event in done.events() {
            match event {
                Event::Jobs(jobs::events::Event::JobListed(listed)) => {
                    known.jobs.insert(listed.job);
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
                Event::Jobs(jobs::events::Event::MarketClosed(closed)) => {
                    known.markets.retain(|market| *market != closed.market);
                }
                _ => {}
            }
        }
    }
}

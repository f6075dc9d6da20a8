//! The marketplace as its specification describes it: plain values, a `VecDeque` for each queue, no
//! accounts and no runtime. From the protocol it takes the arithmetic of money, clocks and
//! reputation, and nothing else.

mod clients;
mod endings;
mod lines;
mod markets;
mod nodes;
mod stakes;
mod things;

use nosana_client::{jobs::Error, staking};
use nosana_protocol::job::{Reason, State};

use crate::{
    cast::{self, DEPLOYER},
    step::Action,
};

pub use things::{Config, Job, Market, Model, NO_TERMS, Node, Place, Slot, Stake, Use, Who};

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// The jobs program, with this error.
    Jobs(Error),
    /// The staking program, with this error.
    Staking(staking::Error),
    /// The token program: too little money.
    TooLittle,
    /// Something below the programs' own rules: an account is not there, or is closed.
    Below,
    /// Whatever is forged has to be refused by somebody.
    Forged,
}

/// What becomes of a step.
pub type Verdict<T = ()> = Result<T, No>;

impl From<Error> for No {
    fn from(error: Error) -> Self {
        Self::Jobs(error)
    }
}

impl From<staking::Error> for No {
    fn from(error: staking::Error) -> Self {
        Self::Staking(error)
    }
}

/// Fails with `no` unless `condition` holds.
fn ensure(condition: bool, no: impl Into<No>) -> Verdict {
    if condition { Ok(()) } else { Err(no.into()) }
}

impl Model {
    /// Lets `action` happen, or changes nothing.
    pub fn apply(&mut self, action: &Action) -> Verdict {
        let mut next = self.clone();
        next.act(action)?;
        *self = next;
        Ok(())
    }

    fn act(&mut self, action: &Action) -> Verdict {
        use cast::{closable, job, market, node, policy, purse, terms, wallet};
        match *action {
            Action::List { order } => self.list(&order, None),
            Action::Assign { order, node: n, nth } => self.list(&order, Some((node(n), nth))),
            Action::Cancel { job: j, by, nth } => self.cancel(job(j), wallet(by), nth),
            Action::Extend { job: j, by, payer, seconds } => {
                self.extend(job(j), wallet(by), wallet(payer), seconds)
            }
            Action::TopUp { job: j, by, amount } => self.top_up(job(j), wallet(by), amount),
            Action::Stop { job: j, node: n, by } => self.stop(job(j), node(n), wallet(by)),
            Action::Accept { job: j, node: n, by } => self.accept(job(j), node(n), wallet(by)),
            Action::Work { node: n, market: m, lowest, highest, by } => {
                self.work(node(n), market(m), (lowest, highest), wallet(by))
            }
            Action::Leave { node: n, market: m, nth, by } => {
                self.leave(node(n), market(m), nth, wallet(by))
            }
            Action::Start { node: n, job: j, by, misread } => {
                self.start(node(n), job(j), wallet(by), misread)
            }
            Action::Heartbeat { node: n, job: j, by, checkpoint, progress } => {
                self.heartbeat(node(n), job(j), wallet(by), checkpoint, progress)
            }
            Action::Finish { job: j, node: n, by, blank } => {
                self.finish(job(j), node(n), wallet(by), blank)
            }
            Action::Quit { job: j, node: n, by } => self.quit(job(j), node(n), wallet(by)),
            Action::UpdateHardware { node: n, by, capacity, vram, gflops, blank } => {
                self.update_hardware(node(n), wallet(by), (capacity, vram, gflops), blank)
            }
            Action::SetDraining { node: n, by, on } => {
                self.owns(node(n), wallet(by))?;
                self.nodes[node(n)].draining = on;
                Ok(())
            }
            Action::SetPayout { node: n, by, purse: p } => {
                self.set_payout(node(n), wallet(by), purse(p))
            }
            Action::ExpireQueued { job: j, nth } => self.expire_queued(job(j), nth),
            Action::ExpireMatch { job: j, node: n } => self.expire_match(job(j), node(n)),
            Action::ExpireRun { job: j, node: n } => self.expire_run(job(j), node(n)),
            Action::Settle { job: j, node: n } => self.settle(job(j), node(n)),
            Action::Collect { job: j, by, node: n, to } => {
                self.collect(job(j), wallet(by), usize::from(n), purse(to))
            }
            Action::Clean { job: j } => self.clean(job(j)),
            Action::EvictNode { node: n, market: m, nth } => self.evict(node(n), market(m), nth),
            Action::SweepFees { market: m } => self.sweep(market(m)),
            Action::GrowQueue { market: m, cells } => self.grow(market(m), cells),
            Action::SetPaused { by, on } => {
                ensure(wallet(by) == DEPLOYER, Error::NotGuardian)?;
                self.config.paused = on;
                Ok(())
            }
            Action::ProposePolicy { by, policy: p } => self.propose_policy(wallet(by), policy(p)),
            Action::ApplyPolicy => self.apply_policy(),
            Action::ProposeTerms { market: m, by, terms: t } => {
                self.propose_terms(market(m), wallet(by), terms(market(m), t))
            }
            Action::ApplyTerms { market: m } => self.apply_terms(market(m)),
            Action::RetireMarket { market: m, by } => self.retire(market(m), wallet(by)),
            Action::CloseMarket { market: m, by } => self.close_market(market(m), wallet(by)),
            Action::OpenMarket { market: m, terms: t } => {
                self.open_market(market(m), terms(market(m), t))
            }
            Action::Stake { node: n, amount } => self.stake(node(n), amount),
            Action::Unstake { node: n, by } => self.unstake(node(n), wallet(by)),
            Action::Withdraw { node: n } => self.withdraw(node(n)),
            Action::CloseStake { node: n } => self.close_stake(node(n)),
            Action::ClosePurse { purse: p } => self.close_purse(closable(p)),
            Action::OpenPurse { purse: p, gift } => self.open_purse(closable(p), gift),
            Action::Donate { market: m, amount } => self.donate(market(m), amount),
            Action::Dust { .. } => Ok(()),
            Action::Pass { seconds } => {
                self.now = self.now.checked_add_unsigned(seconds).expect("the end of time");
                Ok(())
            }
        }
    }

    /// Base units that the market's vault must hold: escrows, credits, fees, the deposit, and
    /// gifts.
    pub fn vault(&self, market: usize) -> u64 {
        let Some(here) = &self.markets[market] else { return 0 };
        let jobs = self.jobs.iter().flatten().filter(|job| job.market == market);
        let owed: u64 = jobs.map(|job| job.escrow + job.node_credit + job.payer_credit).sum();
        owed + here.fees + here.deposit + here.donated
    }

    /// Base units in the staking vault, without those of stakers who have no node.
    pub fn staked(&self) -> u64 {
        self.stakes.iter().flatten().map(|stake| stake.amount - stake.withdrawn).sum()
    }

    /// What the model promises about itself; checked as often as the chain is.
    pub fn check(&self) {
        for (number, market) in self.markets.iter().enumerate() {
            let Some(market) = market else { continue };
            let here = || self.jobs.iter().flatten().filter(|job| job.market == number);
            let credits: u64 = here().map(|job| job.node_credit + job.payer_credit).sum();
            assert_eq!(market.credits, credits, "the model's credits");
            let open = here().filter(|job| job.state != State::Settled).count() as u64;
            assert_eq!(market.open, open, "the model's open jobs");
            assert!(market.line.len() <= market.cells, "the model's queue");
        }
        for (number, stake) in self.stakes.iter().enumerate() {
            let slots: u64 = self.nodes[number].slots.iter().map(|slot| slot.collateral).sum();
            let held = self.jobs.iter().flatten().filter(|job| job.node == Some(number));
            let submitted: u64 = held.map(|job| job.collateral).sum();
            assert_eq!(
                stake.map_or(0, |stake| stake.locked),
                slots + submitted,
                "the model's locks"
            );
        }
        for job in self.jobs.iter().flatten() {
            assert_eq!(
                job.state == State::Settled,
                job.reason != Reason::None,
                "the model's reasons"
            );
        }
    }
}

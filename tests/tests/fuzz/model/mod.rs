//! The marketplace as its specification describes it: plain values, a `VecDeque` for each queue, no
//! accounts and no runtime. From the protocol it takes only the arithmetic of money, clocks and
//! reputation, and the rules of disputes: who gets a seat, the phases, who wins. The states of
//! slots are its own on purpose, so that a wrong number in the protocol shows.
//!
//! | module | content |
//! | --- | --- |
//! | [`state`] | the values |
//! | [`clients`], [`nodes`], [`anyone`], [`authorities`] | rules of the jobs program, by actor |
//! | [`disputes`], [`panels`], [`dispute_state`] | rules of disputes, and their values |
//! | [`stakes`], [`outside`] | rules of stakes, time and token accounts |
//! | [`queues`], [`slots`], [`settlement`] | what several rules share |

mod anyone;
mod authorities;
mod clients;
mod dispute_state;
mod disputes;
mod nodes;
mod outside;
mod panels;
mod queues;
mod settlement;
mod slots;
mod stakes;
mod state;

use nosana_client::{jobs::Error, staking};
use nosana_protocol::{
    dispute::phase::Phase,
    job::{Reason, State},
};

pub use authorities::NO_TERMS;
pub use dispute_state::{Dispute, Key, Seat};
pub use state::{Config, Job, Market, Model, Node, Place, Slot, SlotUse, Stake, Waiter};

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The jobs program, with this error.
    Jobs(Error),
    /// The staking program, with this error.
    Staking(staking::Error),
    /// The token program: too little money.
    TooLittle,
    /// Something below the programs' own rules: an account is not there, or is closed.
    Below,
    /// A tampered transaction must be refused, by any program.
    Tampered,
}

/// The result of an action in the model.
pub type Outcome<T = ()> = Result<T, Rejection>;

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Jobs(error)
    }
}

impl From<staking::Error> for Rejection {
    fn from(error: staking::Error) -> Self {
        Self::Staking(error)
    }
}

/// Fails with `rejection` unless `condition` holds.
fn ensure(condition: bool, rejection: impl Into<Rejection>) -> Outcome {
    if condition { Ok(()) } else { Err(rejection.into()) }
}

impl Model {
    /// Base units that the market's vault must hold: escrows, credits, fees, the deposit, and
    /// gifts.
    pub fn vault(&self, market: usize) -> u64 {
        let Some(here) = &self.markets[market] else { return 0 };
        let jobs = self.jobs.iter().flatten().filter(|job| job.market == market);
        let owed: u64 = jobs.map(|job| job.escrow + job.node_credit + job.payer_credit).sum();
        let disputes = self.disputes.values().filter(|dispute| dispute.market == market);
        let held: u64 = disputes.map(Dispute::held).sum();
        owed + held + here.fees + here.deposit + here.donated
    }

    /// Base units in the staking vault, without those of stakers who have no node.
    pub fn staked(&self) -> u64 {
        self.stakes.iter().flatten().map(|stake| stake.amount - stake.withdrawn).sum()
    }

    /// Checks the invariants of the model itself, as often as the runtime is compared with it.
    pub fn check_invariants(&self) {
        for (number, market) in self.markets.iter().enumerate() {
            let Some(market) = market else { continue };
            let here = || self.jobs.iter().flatten().filter(|job| job.market == number);
            let credits: u64 = here().map(|job| job.node_credit + job.payer_credit).sum();
            let resolved = self.disputes.values().filter(|dispute| {
                dispute.market == number && dispute.progress.phase == Phase::Resolved
            });
            let owed: u64 = resolved.map(Dispute::owed).sum();
            assert_eq!(market.credits, credits + owed, "the model's credits");
            let open = here().filter(|job| job.state != State::Settled).count() as u64;
            assert_eq!(market.open, open, "the model's open jobs");
            assert!(market.queue.len() <= market.cells, "the model's queue");
        }
        for (number, stake) in self.stakes.iter().enumerate() {
            let slots: u64 = self.nodes[number].slots.iter().map(|slot| slot.collateral).sum();
            let held = self.jobs.iter().flatten().filter(|job| job.node == Some(number));
            let submitted: u64 = held.map(|job| job.collateral).sum();
            let seated = self.disputes.values().filter(|dispute| dispute.locks(number));
            let seats: u64 = seated.map(|dispute| dispute.collateral).sum();
            assert_eq!(
                stake.map_or(0, |stake| stake.locked),
                slots + submitted + seats + self.nodes[number].idle,
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

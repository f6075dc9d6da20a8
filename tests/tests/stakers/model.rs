//! The rules of every step: what should follow.

use std::collections::BTreeMap;

use nosana_client::{jobs, rewards, staking};
use nosana_tests::{Refusal, terms::INITIAL_BALANCE};

use crate::{
    delegated::{Delegation, Given},
    pool::{Pool, Position},
    step::{Action, NODES, SPONSORS, STAKERS, Step, Tampering, Vault},
};

/// A stake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stake {
    pub amount: u64,
    pub withdrawn: u64,
    pub locked: u64,
    pub weight: u64,
    pub duration: u64,
    /// Zero while staked.
    pub unstaked_at: i64,
    pub slashed: u64,
    pub given: Given,
}

/// A staker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Staker {
    pub balance: u64,
    pub stake: Option<Stake>,
    pub position: Option<Position>,
}

/// An emission stream.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    pub owner: usize,
    pub amount: u64,
    pub dripped: u64,
    pub start: i64,
    pub end: i64,
    pub cancellable: bool,
}

/// A job that a node took and does not start.
#[derive(Clone, Copy, Debug)]
pub struct TakenJob {
    pub who: usize,
    pub since: i64,
}

/// A slot that rests after a job that its node did not start.
#[derive(Clone, Copy, Debug)]
pub struct RestingSlot {
    pub who: usize,
    pub until: i64,
}

/// The state of everything.
#[derive(Clone, Debug)]
pub struct Model {
    pub now: i64,
    pub stakers: [Staker; STAKERS],
    pub pool: Pool,
    pub streams: BTreeMap<u64, Stream>,
    pub taken_jobs: BTreeMap<u64, TakenJob>,
    pub resting_slots: Vec<RestingSlot>,
    /// By delegator and node.
    pub delegations: BTreeMap<(usize, usize), Delegation>,
    /// The positions of what is delegated to the nodes.
    pub positions_of_nodes: [Option<Position>; NODES],
    /// What the staking vault holds of what delegations earned.
    pub harvested: u64,
    pub sponsors: [u64; SPONSORS],
    pub stranger: u64,
    /// Donated to the staking vault.
    pub donated: u64,
    /// Arrived in the pool's vault, and not counted yet.
    pub arrived: u64,
    /// Whether staking and rewards are paused.
    pub paused: [bool; 2],
    /// Burnt by slashes.
    pub burned: u64,
    /// Came in as income, also through streams.
    pub income: u64,
    /// Went out of positions.
    pub claimed: u64,
}

/// Why a step is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    Staking(staking::Error),
    Rewards(rewards::Error),
    Jobs(jobs::Error),
    /// Too few tokens.
    Tokens,
    /// The account is there already.
    Exists,
    /// The account to change does not exist.
    Missing,
    /// The account to read does not exist.
    Unread,
    /// A signature is missing.
    Unsigned,
    /// The account is another signer's.
    Seeds,
}

/// Whether a step succeeds.
pub type Outcome = Result<(), Rejection>;

impl Rejection {
    /// Returns the refusal of the runtime.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Staking(error) => error.into(),
            Self::Rewards(error) => error.into(),
            Self::Jobs(error) => error.into(),
            Self::Tokens => Refusal::too_few_tokens(),
            Self::Exists => Refusal::account_exists(),
            Self::Missing => Refusal::too_small(),
            Self::Unread => Refusal::account_missing(),
            Self::Unsigned => Refusal::unsigned(),
            Self::Seeds => Refusal::wrong_seeds(),
        }
    }
}

impl From<staking::Error> for Rejection {
    fn from(error: staking::Error) -> Self {
        Self::Staking(error)
    }
}

impl From<rewards::Error> for Rejection {
    fn from(error: rewards::Error) -> Self {
        Self::Rewards(error)
    }
}

impl From<jobs::Error> for Rejection {
    fn from(error: jobs::Error) -> Self {
        Self::Jobs(error)
    }
}

impl Model {
    /// The first state: all balances are full.
    pub fn new(now: i64) -> Self {
        Self {
            now,
            stakers: [Staker { balance: INITIAL_BALANCE, ..Staker::default() }; STAKERS],
            pool: Pool { updated: now, ..Pool::default() },
            streams: BTreeMap::new(),
            taken_jobs: BTreeMap::new(),
            resting_slots: Vec::new(),
            delegations: BTreeMap::new(),
            positions_of_nodes: [None; NODES],
            harvested: 0,
            sponsors: [INITIAL_BALANCE; SPONSORS],
            stranger: INITIAL_BALANCE,
            donated: 0,
            arrived: 0,
            burned: 0,
            paused: [false; 2],
            income: 0,
            claimed: 0,
        }
    }

    /// Applies a step. A refused one changes nothing.
    pub fn apply(&mut self, step: &Step) -> Outcome {
        let mut after = self.clone();
        match step.tampering {
            Tampering::None => after.apply_action(&step.action)?,
            Tampering::OtherSigner(_) => return Err(self.other_signer_rejection(&step.action)),
            Tampering::Unsigned => return Err(Rejection::Unsigned),
        }
        *self = after;
        Ok(())
    }

    /// Returns why another signer is refused.
    fn other_signer_rejection(&self, action: &Action) -> Rejection {
        let stake = |who: usize| {
            self.stakers[who].stake.map_or(Rejection::Missing, |_| staking::Error::NotOwner.into())
        };
        match *action {
            Action::TopUp { who, .. }
            | Action::Extend { who, .. }
            | Action::Unstake { who }
            | Action::UnstakeUnsettled { who }
            | Action::Restake { who }
            | Action::Withdraw { who }
            | Action::Close { who }
            | Action::ClaimCommission { who }
            | Action::Compound { who } => stake(who),
            Action::Undelegate { who, to, .. }
            | Action::UndelegateUnsettled { who, to }
            | Action::CloseDelegation { who, to, .. } => {
                let there =
                    self.stakers[to].stake.is_some() && self.delegations.contains_key(&(who, to));
                if there { staking::Error::NotDelegator.into() } else { Rejection::Missing }
            }
            Action::Claim { who } | Action::Exit { who } => self.stakers[who]
                .position
                .map_or(Rejection::Missing, |_| rewards::Error::NotOwner.into()),
            Action::Enter { who } => {
                self.stakers[who].stake.map_or(Rejection::Unread, |_| Rejection::Seeds)
            }
            Action::Stake { .. } => Rejection::Seeds,
            other => unreachable!("{other:?} is not tampered with"),
        }
    }

    fn apply_action(&mut self, action: &Action) -> Outcome {
        match *action {
            Action::AdvanceClock { seconds } => {
                self.now = self.now.checked_add_unsigned(seconds).expect("in range");
                Ok(())
            }
            Action::Stake { who, amount, duration } => self.stake(who, amount, duration),
            Action::TopUp { who, amount } => self.top_up(who, amount),
            Action::Extend { who, duration } => self.extend(who, duration),
            Action::Unstake { who } => self.unstake(who),
            Action::UnstakeUnsettled { who } => self.unstake_unsettled(who),
            Action::Restake { who } => self.restake(who),
            Action::Withdraw { who } => self.withdraw(who),
            Action::Close { who } => self.close(who),
            Action::Compound { who } => self.compound(who),
            Action::Enter { who } => self.enter(who),
            Action::Sync { who } => self.sync(who, who),
            Action::SyncWith { who, other } => self.sync(who, other),
            Action::Claim { who } => self.claim(who),
            Action::Exit { who } => self.exit(who),
            Action::Fund { by, amount } => self.fund(by, amount),
            Action::CountIncome => self.count_income(),
            Action::OpenStream { by, id, amount, wait, length, cancellable } => {
                let start = self.now + wait;
                let end = start.checked_add_unsigned(length).expect("in range");
                self.open_stream(
                    id,
                    Stream { owner: by, amount, dripped: 0, start, end, cancellable },
                )
            }
            Action::Drip { id } => self.drip(id),
            Action::CloseStream { id, by } => self.close_stream(id, by),
            Action::TakeJob { who, job } => self.take_job(who, job),
            Action::ExpireMatch { job } => self.expire_match(job),
            Action::EnterDelegated { to } => self.enter_delegated(to),
            Action::SetDelegation { who, accepting, bps } => {
                self.set_delegation(who, accepting, bps)
            }
            Action::OpenDelegation { who, to } => self.open_delegation(who, to),
            Action::Delegate { who, to, amount, max_bps } => {
                self.delegate(who, to, amount, max_bps)
            }
            Action::Undelegate { who, to, by_node } => self.undelegate(who, to, by_node),
            Action::UndelegateUnsettled { who, to } => self.undelegate_unsettled(who, to),
            Action::WithdrawDelegated { who, to, by_node } => {
                self.withdraw_delegated(who, to, by_node)
            }
            Action::ClaimDelegated { who, to } => self.claim_delegated(who, to),
            Action::ClaimCommission { who } => self.claim_commission(who),
            Action::CloseDelegation { who, to, .. } => self.close_delegation(who, to),
            Action::SyncDelegated { to } => self.sync_delegated(to),
            Action::Donate { to, amount } => {
                self.stranger = self.stranger.checked_sub(amount).ok_or(Rejection::Tokens)?;
                match to {
                    Vault::Stakes => self.donated += amount,
                    Vault::Pool => self.arrived += amount,
                }
                Ok(())
            }
            Action::SetPaused { vault, on } => {
                self.paused[usize::from(vault == Vault::Pool)] = on;
                Ok(())
            }
        }
    }
}

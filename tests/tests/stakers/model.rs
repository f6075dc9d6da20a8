//! What should become of each step.

use std::collections::BTreeMap;

use nosana_client::{jobs, rewards, staking};
use nosana_tests::{Refusal, terms::PURSE};

use crate::{
    delegations::{Delegation, Given},
    exact::UNIT,
    pool::{Pool, Position},
    step::{Action, Forgery, NODES, SPONSORS, STAKERS, Step, Vault},
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
    pub purse: u64,
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
pub struct Offense {
    pub who: usize,
    pub since: i64,
}

/// Everything.
#[derive(Clone, Debug)]
pub struct Model {
    pub now: i64,
    pub stakers: [Staker; STAKERS],
    pub pool: Pool,
    pub streams: BTreeMap<u64, Stream>,
    pub offenses: BTreeMap<u64, Offense>,
    /// By delegator and node.
    pub delegations: BTreeMap<(usize, usize), Delegation>,
    /// The positions of what is delegated to the nodes.
    pub positions_of_nodes: [Option<Position>; NODES],
    /// What the staking vault holds of what delegations earned.
    pub harvested: u64,
    pub sponsors: [u64; SPONSORS],
    pub stranger: u64,
    /// Donated to the staking vault and to the pool's.
    pub donated: [u64; 2],
    /// Whether staking and rewards are paused.
    pub paused: [bool; 2],
    /// Came in as income, also through streams and slashes.
    pub income: u64,
    /// Went out of positions.
    pub claimed: u64,
}

/// Why a step is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    Staking(staking::Error),
    Rewards(rewards::Error),
    Jobs(jobs::Error),
    /// Too few tokens.
    Tokens,
    /// The account is there already.
    Exists,
    /// There is no account to change.
    Missing,
    /// There is no account to read.
    Unread,
    /// A signature is missing.
    Unsigned,
    /// The account is another signer's.
    Seeds,
}

/// Whether a step goes through.
pub type Verdict = Result<(), No>;

impl No {
    /// The same in the runtime's words.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Staking(error) => error.into(),
            Self::Rewards(error) => error.into(),
            Self::Jobs(error) => error.into(),
            Self::Tokens => Refusal::too_few_tokens(),
            Self::Exists => Refusal::already_there(),
            Self::Missing => Refusal::too_small(),
            Self::Unread => Refusal::not_there(),
            Self::Unsigned => Refusal::unsigned(),
            Self::Seeds => Refusal::wrong_seeds(),
        }
    }
}

impl From<staking::Error> for No {
    fn from(error: staking::Error) -> Self {
        Self::Staking(error)
    }
}

impl From<rewards::Error> for No {
    fn from(error: rewards::Error) -> Self {
        Self::Rewards(error)
    }
}

impl From<jobs::Error> for No {
    fn from(error: jobs::Error) -> Self {
        Self::Jobs(error)
    }
}

impl Model {
    /// The beginning: everybody has a full purse.
    pub fn new(now: i64) -> Self {
        Self {
            now,
            stakers: [Staker { purse: PURSE, ..Staker::default() }; STAKERS],
            pool: Pool { updated: now, ..Pool::default() },
            streams: BTreeMap::new(),
            offenses: BTreeMap::new(),
            delegations: BTreeMap::new(),
            positions_of_nodes: [None; NODES],
            harvested: 0,
            sponsors: [PURSE; SPONSORS],
            stranger: PURSE,
            donated: [0; 2],
            paused: [false; 2],
            income: 0,
            claimed: 0,
        }
    }

    /// Lets a step happen. A refused one changes nothing.
    pub fn apply(&mut self, step: &Step) -> Verdict {
        let mut after = self.clone();
        match step.forgery {
            Forgery::Honest => after.act(&step.action)?,
            Forgery::Thief(_) => return Err(self.theft(&step.action)),
            Forgery::Unsigned => return Err(No::Unsigned),
        }
        *self = after;
        Ok(())
    }

    /// Why another signer is refused.
    fn theft(&self, action: &Action) -> No {
        let stake = |who: usize| {
            self.stakers[who].stake.map_or(No::Missing, |_| staking::Error::NotOwner.into())
        };
        match *action {
            Action::TopUp { who, .. }
            | Action::Extend { who, .. }
            | Action::Unstake { who }
            | Action::Restake { who }
            | Action::Withdraw { who }
            | Action::Close { who }
            | Action::ClaimCommission { who }
            | Action::Compound { who } => stake(who),
            Action::Undelegate { who, to, .. } | Action::CloseDelegation { who, to, .. } => {
                let there =
                    self.stakers[to].stake.is_some() && self.delegations.contains_key(&(who, to));
                if there { staking::Error::NotDelegator.into() } else { No::Missing }
            }
            Action::Claim { who } | Action::Exit { who } => {
                self.stakers[who].position.map_or(No::Missing, |_| rewards::Error::NotOwner.into())
            }
            Action::Enter { who } => self.stakers[who].stake.map_or(No::Unread, |_| No::Seeds),
            Action::Stake { .. } => No::Seeds,
            other => unreachable!("nobody steals {other:?}"),
        }
    }

    fn act(&mut self, action: &Action) -> Verdict {
        match *action {
            Action::Pass { seconds } => {
                self.now = self.now.checked_add_unsigned(seconds).expect("in range");
                Ok(())
            }
            Action::Stake { who, amount, duration } => self.stake(who, amount, duration),
            Action::TopUp { who, amount } => self.top_up(who, amount),
            Action::Extend { who, duration } => self.extend(who, duration),
            Action::Unstake { who } => self.unstake(who),
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
            Action::Open { by, id, amount, wait, length, cancellable } => {
                let start = self.now + wait;
                let end = start.checked_add_unsigned(length).expect("in range");
                self.open_stream(
                    id,
                    Stream { owner: by, amount, dripped: 0, start, end, cancellable },
                )
            }
            Action::Drip { id } => self.drip(id),
            Action::CloseStream { id, by } => self.close_stream(id, by),
            Action::Offend { who, job } => self.offend(who, job),
            Action::Expire { job } => self.expire(job),
            Action::EnterDelegated { to } => self.enter_delegated(to),
            Action::Offer { who, accepting, bps } => self.offer(who, accepting, bps),
            Action::OpenDelegation { who, to } => self.open_delegation(who, to),
            Action::Delegate { who, to, amount, max_bps } => {
                self.delegate(who, to, amount, max_bps)
            }
            Action::Undelegate { who, to, by_node } => self.undelegate(who, to, by_node),
            Action::WithdrawDelegated { who, to } => self.withdraw_delegated(who, to),
            Action::ClaimDelegated { who, to } => self.claim_delegated(who, to),
            Action::ClaimCommission { who } => self.claim_commission(who),
            Action::CloseDelegation { who, to, .. } => self.close_delegation(who, to),
            Action::SyncDelegated { to } => self.sync_delegated(to),
            Action::Donate { to, amount } => {
                self.stranger = self.stranger.checked_sub(amount).ok_or(No::Tokens)?;
                self.donated[usize::from(to == Vault::Pool)] += amount;
                Ok(())
            }
            Action::Pause { vault, on } => {
                self.paused[usize::from(vault == Vault::Pool)] = on;
                Ok(())
            }
        }
    }

    /// What the staking vault holds.
    pub fn stakes_vault(&self) -> u64 {
        let stakes = self.stakers.iter().filter_map(|staker| staker.stake);
        let held =
            stakes.map(|stake| stake.amount - stake.withdrawn + stake.given.amount).sum::<u64>();
        held + self.harvested + self.donated[0]
    }

    /// Nobody's delegation loses worth by what others do, but by a slash; the vault can pay all
    /// that delegations have earned; and each has earned its exact share, to a base unit for each
    /// rounding.
    pub fn check_fair(&self, before: &Self, step: &Step) -> Result<(), String> {
        let mut owed: u64 = self
            .stakers
            .iter()
            .filter_map(|staker| staker.stake)
            .map(|stake| stake.given.commission)
            .sum();
        for ((who, to), one) in &self.delegations {
            let given = self.stakers[*to].stake.ok_or("a delegation to nobody")?.given;
            owed += one.accrued;
            let slashed = matches!(step.action, Action::Expire { .. });
            let own = matches!(step.action, Action::WithdrawDelegated { who: by, to: node } if (by, node) == (*who, *to));
            if let (Some(old), Some(stake)) =
                (before.delegations.get(&(*who, *to)), before.stakers[*to].stake)
                && !slashed
                && !own
            {
                let (was, is) = (stake.given.worth(old.shares), given.worth(one.shares));
                if is < was {
                    return Err(format!(
                        "{who}'s delegation to {to} was worth {was} and is worth {is}"
                    ));
                }
            }
            let (gross, dust) = (u128::from(one.gross) * UNIT, u128::from(one.rounded + 1) * UNIT);
            let unsettled = u128::from(one.shares) * (given.acc - one.paid_acc);
            let now = if one.undelegated_at == 0 { gross + unsettled } else { gross };
            if now > one.exact.high + dust || now + dust < one.exact.low {
                return Err(format!(
                    "{who}'s delegation to {to} earned {now} / 2^64, exactly {:?}",
                    one.exact
                ));
            }
        }
        if owed > self.harvested {
            return Err(format!("delegations are owed {owed}, and {} are there", self.harvested));
        }
        Ok(())
    }

    /// What the pool's vault holds.
    pub fn pool_vault(&self) -> u64 {
        self.income - self.claimed + self.streaming() + self.donated[1]
    }

    /// What streams hold that is not income yet.
    pub fn streaming(&self) -> u64 {
        self.streams.values().map(|stream| stream.amount - stream.dripped).sum()
    }
}

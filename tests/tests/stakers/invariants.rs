//! What must hold in every state of the model: the vaults' balances, and fair delegations.

use crate::{
    exact::UNIT,
    model::Model,
    step::{Action, Step},
};

impl Model {
    /// Returns what the staking vault must hold.
    pub fn stakes_vault(&self) -> u64 {
        let stakes = self.stakers.iter().filter_map(|staker| staker.stake);
        let held =
            stakes.map(|stake| stake.amount - stake.withdrawn + stake.given.amount).sum::<u64>();
        held + self.harvested + self.donated
    }

    /// A delegation never loses value by the actions of others, except by a slash; the vault can
    /// pay all that delegations have earned; and each has earned its exact share, to a base unit
    /// for each rounding.
    pub fn check_fair(&self, before: &Self, step: &Step) -> Result<(), String> {
        let mut owed: u64 = self
            .stakers
            .iter()
            .filter_map(|staker| staker.stake)
            .map(|stake| stake.given.commission)
            .sum();

        for ((who, to), one) in &self.delegations {
            let given = self.stakers[*to].stake.ok_or("a delegation without a stake")?.given;
            owed += one.accrued;
            let slashed = matches!(step.action, Action::ExpireMatch { .. });
            let own = matches!(
                step.action,
                Action::WithdrawDelegated { who: by, to: node, .. } if (by, node) == (*who, *to)
            );
            if let (Some(old), Some(stake)) =
                (before.delegations.get(&(*who, *to)), before.stakers[*to].stake)
                && !slashed
                && !own
            {
                let was = stake.given.worth(old.shares);
                let is = given.worth(one.shares);
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

    /// Returns what the pool's vault must hold.
    pub fn pool_vault(&self) -> u64 {
        self.accounted() + self.arrived
    }

    /// Returns what the pool has counted.
    pub fn accounted(&self) -> u64 {
        self.income - self.claimed + self.streaming()
    }

    /// What streams hold that is not income yet.
    pub fn streaming(&self) -> u64 {
        self.streams.values().map(|stream| stream.amount - stream.dripped).sum()
    }
}

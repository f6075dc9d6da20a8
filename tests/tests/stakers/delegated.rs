//! Stake that is delegated: shares of it, and what they are worth.

use nosana_client::staking::Error::Overflow;

use crate::{exact::Exact, model::Outcome, stakes::xnos};

/// All that is delegated to a stake, and the terms for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    /// Whether terms were ever set.
    pub offered: bool,
    pub accepting: bool,
    pub bps: u16,
    pub duration: u64,
    pub amount: u64,
    pub shares: u64,
    pub earning: u64,
    pub weight: u64,
    pub acc: u128,
    pub remainder: u64,
    pub commission: u64,
    pub count: u64,
}

/// What one staker delegated to one node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delegation {
    pub shares: u64,
    pub paid_acc: u128,
    pub accrued: u64,
    pub withdrawn: u64,
    pub duration: u64,
    /// Zero before.
    pub undelegated_at: i64,
    pub bps: u16,
    /// What it earned before commission, by the index, and exactly.
    pub gross: u64,
    pub exact: Exact,
    /// Spreads and settlements that rounded.
    pub rounded: u64,
}

/// Returns `value` × `part` / `whole`, rounded down.
pub fn fraction(value: u64, part: u64, whole: u64) -> Option<u64> {
    let product = u128::from(value) * u128::from(part);
    u64::try_from(product.checked_div(u128::from(whole))?).ok()
}

impl Given {
    /// What so many shares are worth.
    pub fn worth(&self, shares: u64) -> u64 {
        fraction(shares, self.amount, self.shares).unwrap_or(0)
    }

    /// Computes the weight anew.
    pub fn weigh(&mut self) -> Outcome {
        self.weight = xnos(self.worth(self.earning), self.duration).ok_or(Overflow)?;
        Ok(())
    }

    /// Takes a part out by selling shares, rounded up; the last delegator leaves dust to the node.
    /// Returns that dust.
    pub fn sell(&mut self, one: &mut Delegation, amount: u64) -> u64 {
        let all = amount == self.worth(one.shares);
        let exact = u128::from(amount) * u128::from(self.shares);
        let cost = if all {
            one.shares
        } else {
            exact.div_ceil(u128::from(self.amount)).min(one.shares.into()) as u64
        };
        self.amount -= amount;
        self.shares -= cost;
        one.shares -= cost;
        one.withdrawn += amount;
        let dust = if self.shares == 0 { std::mem::take(&mut self.amount) } else { 0 };
        self.commission += dust;
        dust
    }
}

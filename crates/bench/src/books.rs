//! Who holds how much NOS, and what should have changed.

use serde::Serialize;

use crate::format;

/// Everyone who can hold NOS in a demo. Nothing else was ever given any, so together they hold the
/// whole supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The client's token account.
    Client,
    /// The node's token account.
    Node,
    /// The staker's token account.
    Staker,
    /// The deployer's token account.
    Deployer,
    /// The market's vault: escrows, credits, fees.
    MarketVault,
    /// The staking program's vault.
    StakingVault,
    /// The reward pool's vault.
    RewardsVault,
}

impl Holder {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Client,
        Self::Node,
        Self::Staker,
        Self::Deployer,
        Self::MarketVault,
        Self::StakingVault,
        Self::RewardsVault,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Node => "node",
            Self::Staker => "staker",
            Self::Deployer => "deployer",
            Self::MarketVault => "market vault",
            Self::StakingVault => "staking vault",
            Self::RewardsVault => "rewards vault",
        }
    }
}

/// Base units by holder, in the order of [`Holder::ALL`].
pub type Balances = [u64; Holder::ALL.len()];

/// What should change from one moment to the next, in base units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes([i128; Holder::ALL.len()]);

impl Changes {
    /// `amount` moves from one holder to another.
    pub const fn moved(mut self, from: Holder, to: Holder, amount: u64) -> Self {
        self.0[from as usize] -= amount as i128;
        self.0[to as usize] += amount as i128;
        self
    }

    /// What should change for one.
    pub const fn of(&self, holder: Holder) -> i128 {
        self.0[holder as usize]
    }
}

/// A part of the demo, with the balances at its ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// What happened.
    pub name: String,
    /// Balances before.
    pub before: Balances,
    /// Balances after.
    pub after: Balances,
    /// What the protocol's rules say should have changed.
    pub expected: Changes,
}

/// All balances of a demo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Who the columns belong to.
    pub holders: [Holder; Holder::ALL.len()],
    /// Base units that exist.
    pub supply: u64,
    /// One after the other.
    pub periods: Vec<Period>,
}

impl Period {
    /// What changed for one.
    pub fn change(&self, holder: Holder) -> i128 {
        i128::from(self.after[holder as usize]) - i128::from(self.before[holder as usize])
    }

    /// What appeared from nowhere; what vanished, if negative.
    pub fn sum(&self) -> i128 {
        Holder::ALL.iter().map(|holder| self.change(*holder)).sum()
    }
}

impl Books {
    /// Books over these periods.
    pub const fn new(supply: u64, periods: Vec<Period>) -> Self {
        Self { holders: Holder::ALL, supply, periods }
    }

    /// Everything in them that is not as it should be.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for period in &self.periods {
            for holder in Holder::ALL {
                let (changed, expected) = (period.change(holder), period.expected.of(holder));
                if changed != expected {
                    let (changed, expected) = (format::change(changed), format::change(expected));
                    problems.push(format!(
                        "{}, {}: {changed}, not {expected}",
                        period.name,
                        holder.name()
                    ));
                }
            }
            if period.sum() != 0 {
                problems.push(format!(
                    "{}: the differences sum to {}",
                    period.name,
                    format::change(period.sum())
                ));
            }
            let held: u128 = period.after.iter().map(|balance| u128::from(*balance)).sum();
            if held != u128::from(self.supply) {
                let (held, supply) = (format::nos(held), format::nos(self.supply));
                problems.push(format!("{}: {held} are held and {supply} exist", period.name));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books(after: Balances) -> Books {
        let expected = Changes::default().moved(Holder::Client, Holder::Node, 50).moved(
            Holder::Client,
            Holder::MarketVault,
            5,
        );
        let before = [1_000, 100, 0, 0, 0, 400, 0];
        Books::new(1_500, vec![Period { name: "jobs".to_owned(), before, after, expected }])
    }

    #[test]
    fn books_that_add_up_have_no_problems() {
        let books = books([945, 150, 0, 0, 5, 400, 0]);
        assert_eq!(books.problems(), Vec::<String>::new());
        assert_eq!((books.periods[0].change(Holder::Client), books.periods[0].sum()), (-55, 0));
    }

    #[test]
    fn a_single_base_unit_is_missed() {
        let problems = books([945, 150, 0, 0, 4, 400, 0]).problems();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(problems[0], "jobs, market vault: +0.000004, not +0.000005");
        assert_eq!(problems[1], "jobs: the differences sum to −0.000001");
        let misplaced = books([945, 149, 1, 0, 5, 400, 0]).problems();
        assert_eq!(misplaced.len(), 2, "{misplaced:?}");
    }
}

//! Balances of NOS, and their expected changes.

use serde::Serialize;

use crate::format::{format_change, format_nos};

/// An account that can hold NOS in a demo. Nothing else ever receives NOS, so together they hold
/// the whole supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenHolder {
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

impl TokenHolder {
    /// All holders.
    pub const ALL: [Self; 7] = [
        Self::Client,
        Self::Node,
        Self::Staker,
        Self::Deployer,
        Self::MarketVault,
        Self::StakingVault,
        Self::RewardsVault,
    ];

    /// The holder's name.
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

/// Base units by holder, in the order of [`TokenHolder::ALL`].
pub type Balances = [u64; TokenHolder::ALL.len()];

/// The expected changes of a period, in base units by holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExpectedChanges([i128; TokenHolder::ALL.len()]);

impl ExpectedChanges {
    /// Adds a transfer of `amount`.
    pub const fn with_transfer(mut self, from: TokenHolder, to: TokenHolder, amount: u64) -> Self {
        self.0[from as usize] -= amount as i128;
        self.0[to as usize] += amount as i128;
        self
    }

    /// Returns the expected change of a holder's balance.
    pub const fn change_of(&self, holder: TokenHolder) -> i128 {
        self.0[holder as usize]
    }
}

/// A part of the demo, with the balances before and after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// What happened.
    pub name: String,
    /// Balances before.
    pub before: Balances,
    /// Balances after.
    pub after: Balances,
    /// The changes by the protocol's rules.
    pub expected: ExpectedChanges,
}

impl Period {
    /// Returns the change of a holder's balance.
    pub fn change_of(&self, holder: TokenHolder) -> i128 {
        i128::from(self.after[holder as usize]) - i128::from(self.before[holder as usize])
    }

    /// Returns the sum of all changes: zero, unless base units appeared or vanished.
    pub fn sum_changes(&self) -> i128 {
        TokenHolder::ALL.iter().map(|holder| self.change_of(*holder)).sum()
    }
}

/// All balances of a demo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceSheet {
    /// The holders, in the order of the balances.
    pub holders: [TokenHolder; TokenHolder::ALL.len()],
    /// The supply in base units.
    pub supply: u64,
    /// The periods, in order.
    pub periods: Vec<Period>,
}

impl BalanceSheet {
    /// The balances over these periods.
    pub const fn new(supply: u64, periods: Vec<Period>) -> Self {
        Self { holders: TokenHolder::ALL, supply, periods }
    }

    /// Lists every deviation from the expected changes and from the supply.
    pub fn find_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for period in &self.periods {
            let name = &period.name;
            for holder in TokenHolder::ALL {
                let change = period.change_of(holder);
                let expected = period.expected.change_of(holder);
                if change != expected {
                    let change = format_change(change);
                    let expected = format_change(expected);
                    problems.push(format!("{name}, {}: {change}, not {expected}", holder.name()));
                }
            }

            let sum = period.sum_changes();
            if sum != 0 {
                problems.push(format!("{name}: the changes sum to {}", format_change(sum)));
            }

            let held: u128 = period.after.iter().map(|balance| u128::from(*balance)).sum();
            if held != u128::from(self.supply) {
                problems.push(format!(
                    "{name}: the balances sum to {}, the supply is {}",
                    format_nos(held),
                    format_nos(self.supply)
                ));
            }
        }

        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_sheet(after: Balances) -> BalanceSheet {
        let expected = ExpectedChanges::default()
            .with_transfer(TokenHolder::Client, TokenHolder::Node, 50)
            .with_transfer(TokenHolder::Client, TokenHolder::MarketVault, 5);
        let before = [1_000, 100, 0, 0, 0, 400, 0];
        BalanceSheet::new(1_500, vec![Period { name: "jobs".to_owned(), before, after, expected }])
    }

    #[test]
    fn expected_balances_have_no_problems() {
        let sheet = test_sheet([945, 150, 0, 0, 5, 400, 0]);
        assert_eq!(sheet.find_problems(), Vec::<String>::new());
        assert_eq!(sheet.periods[0].change_of(TokenHolder::Client), -55);
        assert_eq!(sheet.periods[0].sum_changes(), 0);
    }

    #[test]
    fn a_single_missing_base_unit_is_found() {
        let problems = test_sheet([945, 150, 0, 0, 4, 400, 0]).find_problems();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(problems[0], "jobs, market vault: +0.000004, not +0.000005");
        assert_eq!(problems[1], "jobs: the changes sum to −0.000001");

        let misplaced = test_sheet([945, 149, 1, 0, 5, 400, 0]).find_problems();
        assert_eq!(misplaced.len(), 2, "{misplaced:?}");
    }
}

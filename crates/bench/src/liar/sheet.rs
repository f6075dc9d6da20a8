//! The balances of everybody, and the payments and burning that explain their changes.

use anyhow::{Context, Result, ensure};
use nosana_client::{pda, token};
use nosana_localnet::World;
use serde::Serialize;
use solana_address::Address;
use solana_signer::Signer;

use super::people::People;
use crate::format::{format_change, format_nos};

/// A token account, and its change in base units.
pub type Transfer = (Address, i128);

/// An account that can hold NOS in the trial.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Its name in the report.
    pub name: String,
    /// The token account.
    pub account: Address,
}

/// One account's balances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetRow {
    /// The holder's name.
    pub name: String,
    /// Base units before the first job.
    pub before: u64,
    /// The change by the payments of each case: a dispute, or a job.
    pub by_case: Vec<i128>,
    /// Base units after the last case.
    pub after: u64,
}

/// The balances of all accounts that can hold NOS. Nothing else ever receives NOS, so together they
/// hold the whole supply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// The supply in base units, after the last case.
    pub supply: u64,
    /// What each case burnt.
    pub burned: Vec<u64>,
    /// One row for each account.
    pub rows: Vec<SheetRow>,
}

/// Lists the accounts that can hold NOS.
pub fn list_holders(world: &World, people: &People) -> Vec<Holder> {
    let wallet = |name: &str, owner: &Address| Holder {
        name: name.to_owned(),
        account: world.token_account(owner),
    };
    let vault = |name: &str, account| Holder { name: name.to_owned(), account };

    let persons = people.everybody().map(|person| wallet(&person.name, &person.wallet()));
    let others = [
        wallet("staker", &world.staker.pubkey()),
        wallet("deployer", &world.deployer.pubkey()),
        vault("market vault", pda::jobs::vault(&world.market)),
        vault("staking vault", pda::staking::vault()),
        vault("reward pool", pda::rewards::vault()),
    ];
    persons.chain(others).collect()
}

/// Reads the balance of each holder.
pub async fn fetch_balances(world: &World, holders: &[Holder]) -> Result<Vec<u64>> {
    let mut balances = Vec::with_capacity(holders.len());
    for holder in holders {
        let balance = world.session.fetch_token_balance(&holder.account).await;
        balances.push(balance.with_context(|| format!("cannot read the {}", holder.name))?);
    }
    Ok(balances)
}

/// Reads the balances again, and explains the changes by what each case transferred and burnt.
pub async fn build_sheet(
    world: &World,
    holders: &[Holder],
    before: &[u64],
    changes: &[Vec<Transfer>],
    burned: Vec<u64>,
) -> Result<Sheet> {
    let mint =
        world.session.fetch_raw_account(&world.mint).await?.context("cannot find the mint")?;
    let supply = token::read_mint(&mint.data)?.supply;
    let is_known = |account: &Address| holders.iter().any(|holder| holder.account == *account);
    let mut accounts = changes.iter().flatten().map(|(account, _)| account);
    ensure!(accounts.all(is_known), "a payment went to a stranger");

    let after = fetch_balances(world, holders).await?;
    let balances = before.iter().zip(after);
    let rows = holders.iter().zip(balances).map(|(holder, (before, after))| {
        let by_case = changes.iter().map(|case| sum_transfers(case, &holder.account)).collect();
        SheetRow { name: holder.name.clone(), before: *before, by_case, after }
    });
    Ok(Sheet { supply, burned, rows: rows.collect() })
}

/// Sums what an account gains by transfers.
fn sum_transfers(transfers: &[Transfer], account: &Address) -> i128 {
    let own = transfers.iter().filter(|(of, _)| of == account);
    own.map(|(_, change)| change).sum()
}

impl SheetRow {
    /// The change of the balance.
    pub fn change(&self) -> i128 {
        i128::from(self.after) - i128::from(self.before)
    }

    /// The change by the payments of all cases.
    pub fn explained(&self) -> i128 {
        self.by_case.iter().sum()
    }
}

impl Sheet {
    /// Sums the payments of each case over all accounts, and what it burnt: zero, unless base
    /// units appeared or vanished.
    pub fn sum_cases(&self) -> Vec<i128> {
        let count = self.rows.iter().map(|row| row.by_case.len()).max().unwrap_or_default();
        let change = |row: &SheetRow, case: usize| row.by_case.get(case).copied().unwrap_or(0);
        let burned = |case: usize| i128::from(self.burned.get(case).copied().unwrap_or(0));
        let paid = |case: usize| self.rows.iter().map(|row| change(row, case)).sum::<i128>();
        (0..count).map(|case| paid(case) + burned(case)).collect()
    }

    /// Lists every deviation from the payments and from the supply.
    pub fn find_problems(&self) -> Vec<String> {
        let deviating = self.rows.iter().filter(|row| row.change() != row.explained());
        let mut problems: Vec<String> = deviating
            .map(|row| {
                let change = format_change(row.change());
                format!("{}: {change}, not {}", row.name, format_change(row.explained()))
            })
            .collect();

        for (number, sum) in (1..).zip(self.sum_cases()).filter(|(_, sum)| *sum != 0) {
            let sum = format_change(sum);
            problems.push(format!("payments and burning of case {number} sum to {sum}"));
        }
        let held: u128 = self.rows.iter().map(|row| u128::from(row.after)).sum();
        if held != u128::from(self.supply) {
            let supply = format_nos(self.supply);
            problems
                .push(format!("the balances sum to {}, the supply is {supply}", format_nos(held)));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(after: u64) -> Sheet {
        let row = |name: &str, before, change, after| SheetRow {
            name: name.to_owned(),
            before,
            by_case: vec![change],
            after,
        };
        let rows = vec![row("griefer", 700, -700, 0), row("panelist", 300, 700, after)];
        Sheet { supply: 1_000, burned: vec![0], rows }
    }

    #[test]
    fn a_single_missing_base_unit_is_found() {
        assert_eq!(sheet(1_000).find_problems(), Vec::<String>::new());
        let problems = sheet(999).find_problems();
        assert_eq!(problems[0], "panelist: +0.000699, not +0.000700");
        assert_eq!(problems.len(), 2, "{problems:?}");

        let mut unbalanced = sheet(1_000);
        unbalanced.rows[0].by_case = vec![-699, -1];
        let problems = unbalanced.find_problems();
        assert_eq!(problems[0], "payments and burning of case 1 sum to +0.000001");
        assert_eq!(unbalanced.sum_cases(), [1, -1]);
    }

    #[test]
    fn what_was_burnt_is_missing_from_the_supply() {
        let mut burning = sheet(900);
        burning.rows[1].by_case = vec![600];
        assert_eq!(burning.sum_cases(), [-100], "nobody says where they are");
        burning.burned = vec![100];
        burning.supply = 900;
        assert_eq!(burning.find_problems(), Vec::<String>::new());
    }
}

//! The terms that a node's owner has agreed to, market by market.
//!
//! A market's authority may change its terms, and a node is restarted by its host's init system,
//! not by its owner. So what the market asked for and paid when the owner first started the node
//! there is kept, and new work is asked for on no worse terms until the owner agrees to others.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use anyhow::{Context, Result};
use nosana_client::jobs::types::MarketTerms;
use nosana_protocol::units::NOS_DECIMALS;
use serde::{Deserialize, Serialize};
use solana_address::Address;

use crate::journal::write;

/// What the owner says at this start; `None`: as agreed before, or else what the market's terms are
/// now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The lowest price to work for, in base units a second.
    pub min_price_per_second: Option<u64>,
    /// The highest collateral to lock for one job, in base units.
    pub max_collateral: Option<u64>,
}

/// The worst terms that the owner works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// Base units a second.
    pub min_price_per_second: u64,
    /// Base units a job.
    pub max_collateral: u64,
}

impl Agreed {
    fn new(wanted: &Wanted, before: Option<Self>, terms: &MarketTerms) -> Self {
        let before = before.unwrap_or(Self {
            min_price_per_second: terms.price_per_second,
            max_collateral: terms.collateral_per_job,
        });
        Self {
            min_price_per_second: wanted
                .min_price_per_second
                .unwrap_or(before.min_price_per_second),
            max_collateral: wanted.max_collateral.unwrap_or(before.max_collateral),
        }
    }

    /// Reads what was agreed before, and keeps what is agreed now; both only if there is a file to
    /// keep it in.
    ///
    /// # Errors
    /// If the file cannot be read or written. It is not put aside as a journal would be: it
    /// protects the owner's money.
    pub fn settle(
        file: Option<&Path>,
        market: &Address,
        wanted: &Wanted,
        terms: &MarketTerms,
    ) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::new(wanted, None, terms)) };
        let mut kept = read(file).with_context(|| {
            format!(
                "cannot read the agreed terms in {}: remove it to agree to what the market says now",
                file.display()
            )
        })?;
        let before = kept.get(&market.to_string()).copied();
        let agreed = Self::new(wanted, before, terms);
        if before != Some(agreed) {
            kept.insert(market.to_string(), agreed);
            write(file, &kept)
                .with_context(|| format!("cannot write the agreed terms to {}", file.display()))?;
        }
        Ok(agreed)
    }

    /// What of the market's terms is worse than agreed, and how to agree to it; `None` if nothing
    /// is.
    pub fn objection(&self, terms: &MarketTerms) -> Option<String> {
        let (price, collateral) = (terms.price_per_second, terms.collateral_per_job);
        let price = (price < self.min_price_per_second).then(|| {
            let (price, agreed) = (nos(price), nos(self.min_price_per_second));
            format!("it pays {price} NOS a second, agreed were {agreed} (--min-price agrees to another price)")
        });
        let collateral = (collateral > self.max_collateral).then(|| {
            let (collateral, agreed) = (nos(collateral), nos(self.max_collateral));
            format!("it locks {collateral} NOS a job, agreed were {agreed} (--max-collateral agrees to more)")
        });
        let worse: Vec<String> = price.into_iter().chain(collateral).collect();
        (!worse.is_empty()).then(|| worse.join("; "))
    }
}

/// Base units as the options take them.
fn nos(amount: u64) -> String {
    let one = 10_u64.pow(NOS_DECIMALS.into());
    format!("{}.{:06}", amount / one, amount % one)
}

fn read(file: &Path) -> Result<BTreeMap<String, Agreed>> {
    match fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed;

    fn terms(price_per_second: u64, collateral_per_job: u64) -> MarketTerms {
        MarketTerms { price_per_second, collateral_per_job, ..zeroed::terms() }
    }

    #[test]
    fn a_restart_agrees_to_nothing_worse() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("terms.json");
        let [here, there] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let settle = |market, wanted: Wanted, terms| {
            Agreed::settle(Some(&file), market, &wanted, &terms).unwrap()
        };
        let agreed =
            |min_price_per_second, max_collateral| Agreed { min_price_per_second, max_collateral };
        let nothing = Wanted::default();

        assert_eq!(settle(&here, nothing, terms(100, 10)), agreed(100, 10));
        assert_eq!(settle(&here, nothing, terms(90, 20)), agreed(100, 10), "worse");
        assert_eq!(settle(&here, nothing, terms(110, 5)), agreed(100, 10), "better");
        assert_eq!(settle(&there, nothing, terms(1, 1)), agreed(1, 1), "another market");
        let wanted = Wanted { min_price_per_second: Some(80), max_collateral: None };
        assert_eq!(settle(&here, wanted, terms(90, 20)), agreed(80, 10));
        assert_eq!(settle(&here, nothing, terms(90, 20)), agreed(80, 10), "said once");
        let wanted = Wanted { max_collateral: Some(30), ..nothing };
        assert_eq!(settle(&here, wanted, terms(90, 20)), agreed(80, 30));

        fs::write(&file, "{\"half").unwrap();
        let refused = Agreed::settle(Some(&file), &here, &nothing, &terms(1, 1)).unwrap_err();
        assert!(format!("{refused:#}").contains("remove it to agree"), "{refused:#}");
        assert_eq!(Agreed::settle(None, &here, &nothing, &terms(7, 8)).unwrap(), agreed(7, 8));
    }

    #[test]
    fn each_worse_term_is_named() {
        let agreed = Agreed { min_price_per_second: 100, max_collateral: 10 };
        assert_eq!(agreed.objection(&terms(100, 10)), None);
        assert!(agreed.objection(&terms(99, 10)).unwrap().contains("it pays 0.000099 NOS"));
        let both = agreed.objection(&terms(99, 11)).unwrap();
        assert!(both.contains("it pays 0.000099") && both.contains("it locks 0.000011"), "{both}");
    }
}

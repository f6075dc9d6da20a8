//! The terms that a node's owner has accepted, market by market.
//!
//! A market's authority may change its terms, and a node is restarted by its host's init system,
//! not by its owner. So the worker keeps the price and the collateral of the market from the first
//! start, and requests new work on no worse terms until the owner accepts others.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use anyhow::{Context, Result};
use nosana_client::jobs::types::MarketTerms;
use nosana_protocol::units::Amount;
use serde::{Deserialize, Serialize};
use solana_address::Address;

use crate::{durable_file::write_json, state_folder::StateFolder};

/// The terms that the owner names at this start. `None` keeps what was accepted earlier, or else
/// accepts the market's current terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestedTerms {
    /// The lowest price to work for, in base units per second.
    pub min_price_per_second: Option<u64>,
    /// The highest collateral to lock for one job, in base units.
    pub max_collateral: Option<u64>,
}

/// The worst terms that the owner works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedTerms {
    /// The lowest price, in base units per second.
    pub min_price_per_second: u64,
    /// The highest collateral of one job, in base units.
    pub max_collateral: u64,
}

impl AcceptedTerms {
    fn new(wanted: &RequestedTerms, earlier: Option<Self>, terms: &MarketTerms) -> Self {
        let earlier = earlier.unwrap_or(Self {
            min_price_per_second: terms.price_per_second,
            max_collateral: terms.collateral_per_job,
        });

        Self {
            min_price_per_second: wanted
                .min_price_per_second
                .unwrap_or(earlier.min_price_per_second),
            max_collateral: wanted.max_collateral.unwrap_or(earlier.max_collateral),
        }
    }

    /// Accepts the market's current terms in the state folder of the owner's node, unless terms of
    /// this market are accepted there already. Returns the accepted terms.
    ///
    /// # Errors
    /// If the node runs with this folder, or if the folder cannot be read or written.
    pub fn accept_current(
        folder: &Path,
        owner: &Address,
        market: &Address,
        terms: &MarketTerms,
    ) -> Result<Self> {
        let state = StateFolder::open(folder, owner)?;
        Self::load_or_update(Some(state.terms_path()), market, &RequestedTerms::default(), terms)
    }

    /// Loads the terms that were accepted earlier, applies `wanted`, and writes the outcome if it
    /// differs. Without a `file`, neither loads nor writes.
    ///
    /// # Errors
    /// If the file cannot be read or written. A damaged file is not renamed as a journal would be:
    /// it protects the owner's money.
    pub(crate) fn load_or_update(
        file: Option<&Path>,
        market: &Address,
        wanted: &RequestedTerms,
        terms: &MarketTerms,
    ) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::new(wanted, None, terms)) };
        let mut stored = read_terms(file).with_context(|| {
            format!(
                "cannot read the accepted terms in {}: remove it to agree to the market's current \
                 terms",
                file.display()
            )
        })?;

        let earlier = stored.get(&market.to_string()).copied();
        let accepted = Self::new(wanted, earlier, terms);

        if earlier != Some(accepted) {
            stored.insert(market.to_string(), accepted);
            write_json(file, &stored).with_context(|| {
                format!("cannot write the accepted terms to {}", file.display())
            })?;
        }

        Ok(accepted)
    }

    /// Returns which of the market's terms are worse than accepted, and how to accept them; `None`
    /// if none is.
    pub fn find_worse_terms(&self, terms: &MarketTerms) -> Option<String> {
        let mut worse = Vec::new();

        if terms.price_per_second < self.min_price_per_second {
            worse.push(format!(
                "it pays {} per second, less than the accepted {} (--min-price accepts another \
                 price)",
                Amount(terms.price_per_second),
                Amount(self.min_price_per_second)
            ));
        }
        if terms.collateral_per_job > self.max_collateral {
            worse.push(format!(
                "it locks {} per job, more than the accepted {} (--max-collateral accepts more)",
                Amount(terms.collateral_per_job),
                Amount(self.max_collateral)
            ));
        }

        (!worse.is_empty()).then(|| worse.join("; "))
    }
}

fn read_terms(file: &Path) -> Result<BTreeMap<String, AcceptedTerms>> {
    match fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_terms;

    fn terms(price_per_second: u64, collateral_per_job: u64) -> MarketTerms {
        MarketTerms { price_per_second, collateral_per_job, ..zeroed_terms() }
    }

    #[test]
    fn a_restart_accepts_nothing_worse() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("terms.json");
        let [here, there] = [[1; 32], [2; 32]].map(Address::new_from_array);
        let load = |market, wanted: RequestedTerms, terms| {
            AcceptedTerms::load_or_update(Some(&file), market, &wanted, &terms).unwrap()
        };
        let accepted = |min_price_per_second, max_collateral| AcceptedTerms {
            min_price_per_second,
            max_collateral,
        };
        let nothing = RequestedTerms::default();

        assert_eq!(load(&here, nothing, terms(100, 10)), accepted(100, 10));
        assert_eq!(load(&here, nothing, terms(90, 20)), accepted(100, 10), "worse");
        assert_eq!(load(&here, nothing, terms(110, 5)), accepted(100, 10), "better");
        assert_eq!(load(&there, nothing, terms(1, 1)), accepted(1, 1), "another market");
        let wanted = RequestedTerms { min_price_per_second: Some(80), max_collateral: None };
        assert_eq!(load(&here, wanted, terms(90, 20)), accepted(80, 10));
        assert_eq!(load(&here, nothing, terms(90, 20)), accepted(80, 10), "said once");
        let wanted = RequestedTerms { max_collateral: Some(30), ..nothing };
        assert_eq!(load(&here, wanted, terms(90, 20)), accepted(80, 30));

        fs::write(&file, "{\"half").unwrap();
        let refused =
            AcceptedTerms::load_or_update(Some(&file), &here, &nothing, &terms(1, 1)).unwrap_err();
        assert!(format!("{refused:#}").contains("remove it to agree"), "{refused:#}");
        assert_eq!(
            AcceptedTerms::load_or_update(None, &here, &nothing, &terms(7, 8)).unwrap(),
            accepted(7, 8)
        );
    }

    #[test]
    fn each_worse_term_is_named() {
        let accepted = AcceptedTerms { min_price_per_second: 100, max_collateral: 10 };
        assert_eq!(accepted.find_worse_terms(&terms(100, 10)), None);
        assert!(
            accepted.find_worse_terms(&terms(99, 10)).unwrap().contains("it pays 0.000099 NOS")
        );
        let both = accepted.find_worse_terms(&terms(99, 11)).unwrap();
        assert!(both.contains("it pays 0.000099") && both.contains("it locks 0.000011"), "{both}");
    }
}

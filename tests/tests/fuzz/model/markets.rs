//! What authorities decide, and what keeps a market usable.

use std::collections::VecDeque;

use nosana_client::jobs::{Error, types::MarketTerms};

use super::{Market, Model, No, Verdict, ensure};
use crate::cast::{CELLS, DEPLOYER, MONTH, NOTICES};

/// For how long a looser policy is announced, in seconds.
const NOTICE: i64 = 3 * 86_400;
/// For how long it may then be applied, in seconds.
const VALIDITY: i64 = 14 * 86_400;
/// The longest clock but the timeout, in seconds.
const WEEK: u32 = 7 * 86_400;

/// Whether a market may have these terms.
fn in_bounds(terms: &MarketTerms, longest: u64) -> bool {
    let waits = [terms.queue_seconds, terms.start_seconds, terms.heartbeat_seconds];
    let others = [terms.finish_grace_seconds, terms.challenge_seconds, terms.retention_seconds];
    waits.iter().all(|wait| *wait >= 5)
        && waits.iter().chain(&others).all(|wait| *wait <= WEEK)
        && terms.max_timeout_seconds >= 1
        && terms.max_timeout_seconds <= longest
        && terms.price_per_second > 0
        && terms.no_start_penalty <= terms.collateral_per_job
        && (terms.no_start_penalty == 0 || terms.start_seconds >= 30)
        && terms.max_attempts <= 16
        && (1..=8).contains(&terms.max_parallel)
}

impl Model {
    /// Opens a market with its first queue.
    pub(super) fn open_market(&mut self, market: usize, terms: MarketTerms) -> Verdict {
        ensure(self.markets[market].is_none(), No::Below)?;
        ensure(!self.config.paused, Error::Paused)?;
        let (_, deposit, longest) = self.config.policy;
        ensure(in_bounds(&terms, longest), Error::TermsOutOfRange)?;
        self.take(DEPLOYER, deposit)?;
        self.markets[market] = Some(Market {
            terms,
            announced: None,
            terms_since: 0,
            retired: false,
            deposit,
            donated: 0,
            line: VecDeque::new(),
            cells: CELLS[market],
            fees: 0,
            credits: 0,
            listed: 0,
            open: 0,
        });
        Ok(())
    }

    /// Announces terms.
    pub(super) fn propose_terms(
        &mut self,
        market: usize,
        by: usize,
        terms: MarketTerms,
    ) -> Verdict {
        let (now, longest) = (self.now, self.config.policy.2);
        let here = self.market(market)?;
        ensure(by == DEPLOYER, Error::NotMarketAuthority)?;
        ensure(in_bounds(&terms, longest), Error::TermsOutOfRange)?;
        here.announced = Some((terms, now + i64::from(NOTICES[market])));
        Ok(())
    }

    /// Puts announced terms in force.
    pub(super) fn apply_terms(&mut self, market: usize) -> Verdict {
        let (now, longest) = (self.now, self.config.policy.2);
        let here = self.market(market)?;
        let (terms, from) = here.announced.ok_or(Error::NothingAnnounced)?;
        ensure((from..=from + VALIDITY).contains(&now), Error::NothingAnnounced)?;
        ensure(in_bounds(&terms, longest), Error::TermsOutOfRange)?;
        here.terms = terms;
        here.terms_since = now;
        here.announced = None;
        Ok(())
    }

    /// Takes nothing new any more.
    pub(super) fn retire(&mut self, market: usize, by: usize) -> Verdict {
        let here = self.market(market)?;
        ensure(by == DEPLOYER, Error::NotMarketAuthority)?;
        here.retired = true;
        Ok(())
    }

    /// Closes an empty market; the authority gets the deposit and what strangers sent.
    pub(super) fn close_market(&mut self, market: usize, by: usize) -> Verdict {
        let here = self.market(market)?;
        ensure(by == DEPLOYER, Error::NotMarketAuthority)?;
        let empty = here.line.is_empty() && here.open == 0 && here.credits == 0 && here.fees == 0;
        ensure(here.retired && empty, Error::MarketInUse)?;
        let rest = here.deposit + here.donated;
        self.markets[market] = None;
        self.give(DEPLOYER, rest);
        Ok(())
    }

    /// Tightens the policy, or announces a looser one.
    pub(super) fn propose_policy(&mut self, by: usize, policy: (u16, u64, u64)) -> Verdict {
        ensure(by == DEPLOYER, Error::NotAdmin)?;
        let (fee, deposit, longest) = policy;
        let in_bounds =
            fee <= 2_500 && deposit <= 1_000_000_000_000 && (1..=MONTH).contains(&longest);
        ensure(in_bounds, Error::PolicyOutOfRange)?;
        let now = self.config.policy;
        if fee <= now.0 && deposit <= now.1 && longest <= now.2 {
            self.config.policy = policy;
            self.config.announced = None;
        } else {
            self.config.announced = Some((policy, self.now + NOTICE));
        }
        Ok(())
    }

    /// Puts the announced policy in force.
    pub(super) fn apply_policy(&mut self) -> Verdict {
        let (policy, from) = self.config.announced.ok_or(Error::NothingAnnounced)?;
        ensure((from..=from + VALIDITY).contains(&self.now), Error::NothingAnnounced)?;
        self.config.policy = policy;
        self.config.announced = None;
        Ok(())
    }

    /// Sends the fees to the reward pool.
    pub(super) fn sweep(&mut self, market: usize) -> Verdict {
        let here = self.market(market)?;
        ensure(here.fees > 0, Error::NoFees)?;
        let fees = std::mem::take(&mut here.fees);
        self.income += fees;
        Ok(())
    }

    /// Adds cells.
    pub(super) fn grow(&mut self, market: usize, cells: u32) -> Verdict {
        let here = self.market(market)?;
        ensure((1..=200).contains(&cells), Error::TermsOutOfRange)?;
        here.cells += cells as usize;
        Ok(())
    }

    /// Money that nobody asked for.
    pub(super) fn donate(&mut self, market: usize, amount: u64) -> Verdict {
        self.market(market)?;
        self.take(crate::cast::STRANGER, amount)?;
        self.market(market)?.donated += amount;
        Ok(())
    }
}

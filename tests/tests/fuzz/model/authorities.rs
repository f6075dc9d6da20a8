//! Admin, guardian and market authority: all of them the deployer.

use std::collections::VecDeque;

use nosana_client::jobs::{Error, types::MarketTerms};
use nosana_protocol::units::Seconds;
use solana_address::Address;

use super::{Market, Model, Outcome, Rejection, dispute_state::dispute_terms, ensure};
use crate::actors::{CELLS, DEPLOYER, MONTH, NOTICES};

/// For how long a looser policy is announced, in seconds.
const NOTICE: i64 = 3 * 86_400;
/// For how long it may then be applied, in seconds.
const VALIDITY: i64 = 14 * 86_400;
/// The longest clock but the timeout, in seconds.
const WEEK: u32 = 7 * 86_400;

/// Terms that were never announced.
pub const NO_TERMS: MarketTerms = MarketTerms {
    access_collection: Address::new_from_array([0; 32]),
    price_per_second: 0,
    min_xnos: 0,
    collateral_per_job: 0,
    no_start_penalty: 0,
    max_timeout_seconds: 0,
    queue_seconds: 0,
    start_seconds: 0,
    heartbeat_seconds: 0,
    finish_grace_seconds: 0,
    challenge_seconds: 0,
    retention_seconds: 0,
    min_vram_mib: 0,
    min_prompt_tokens_per_second: 0,
    panel_fee_bps: 0,
    min_reputation_bps: 0,
    max_attempts: 0,
    max_parallel: 0,
    min_timeout_seconds: 0,
    min_run_seconds: 0,
    dispute_seconds: 0,
    min_collateral_ratio: 0,
};

/// Whether a market may have these terms.
fn in_bounds(terms: &MarketTerms, longest: u64) -> bool {
    let waits = [terms.queue_seconds, terms.start_seconds];
    let proofs = [terms.heartbeat_seconds, terms.finish_grace_seconds];
    let others = [terms.challenge_seconds, terms.retention_seconds];
    waits.iter().all(|wait| *wait >= 5)
        && proofs.iter().all(|wait| *wait >= 30)
        && waits.iter().chain(&proofs).chain(&others).all(|wait| *wait <= WEEK)
        && (1..=terms.max_timeout_seconds).contains(&u64::from(terms.min_timeout_seconds))
        && terms.no_start_penalty <= u64::from(terms.start_seconds) * 62_500
        && terms.min_run_seconds <= terms.min_timeout_seconds
        && (terms.challenge_seconds == 0 || terms.challenge_seconds >= 30)
        && terms.max_timeout_seconds >= 1
        && terms.max_timeout_seconds <= longest
        && terms.price_per_second > 0
        && terms.no_start_penalty <= terms.collateral_per_job
        && (terms.no_start_penalty == 0 || terms.start_seconds >= 30)
        && terms.max_attempts <= 16
        && (1..=16).contains(&terms.max_parallel)
        && dispute_terms(terms).are_in_bounds(Seconds(terms.challenge_seconds.into()))
}

impl Model {
    /// Opens a market with its first queue.
    pub fn open_market(&mut self, market: usize, terms: MarketTerms) -> Outcome {
        ensure(self.markets[market].is_none(), Rejection::Below)?;
        ensure(!self.config.paused, Error::Paused)?;
        let (_, deposit, longest) = self.config.policy;
        ensure(in_bounds(&terms, longest), Error::TermsOutOfRange)?;

        self.take(DEPLOYER, deposit)?;
        self.markets[market] = Some(Market {
            terms,
            announced: None,
            collection_since: 0,
            revision: 0,
            retired: false,
            deposit,
            donated: 0,
            queue: VecDeque::new(),
            cells: CELLS[market],
            fees: 0,
            credits: 0,
            listed: 0,
            open: 0,
        });
        Ok(())
    }

    /// Announces terms.
    pub fn propose_terms(&mut self, market: usize, by: usize, terms: MarketTerms) -> Outcome {
        let now = self.now;
        let longest = self.config.policy.2;
        let here = self.market(market)?;
        ensure(by == DEPLOYER, Error::NotMarketAuthority)?;
        ensure(in_bounds(&terms, longest), Error::TermsOutOfRange)?;
        here.announced = Some((terms, now + i64::from(NOTICES[market])));
        Ok(())
    }

    /// Puts announced terms in force.
    pub fn apply_terms(&mut self, market: usize) -> Outcome {
        let now = self.now;
        let longest = self.config.policy.2;
        let here = self.market(market)?;
        let (terms, from) = here.announced.ok_or(Error::NothingAnnounced)?;
        ensure((from..=from + VALIDITY).contains(&now), Error::NothingAnnounced)?;
        ensure(in_bounds(&terms, longest), Error::TermsOutOfRange)?;

        if terms.access_collection != here.terms.access_collection {
            here.collection_since = now;
        }
        let bound =
            |it: &MarketTerms| (it.no_start_penalty, it.collateral_per_job, it.start_seconds);
        let asked = |it: &MarketTerms| (it.min_xnos, it.access_collection);
        if bound(&terms) != bound(&here.terms)
            || asked(&terms) != asked(&here.terms)
            || dispute_terms(&terms) != dispute_terms(&here.terms)
        {
            here.revision += 1;
        }
        here.terms = terms;
        here.announced = None;
        Ok(())
    }

    /// Takes nothing new any more.
    pub fn retire_market(&mut self, market: usize, by: usize) -> Outcome {
        let here = self.market(market)?;
        ensure(by == DEPLOYER, Error::NotMarketAuthority)?;
        here.retired = true;
        Ok(())
    }

    /// Closes an empty market; the authority gets the deposit and what strangers sent.
    pub fn close_market(&mut self, market: usize, by: usize) -> Outcome {
        let here = self.market(market)?;
        ensure(by == DEPLOYER, Error::NotMarketAuthority)?;
        let empty = here.queue.is_empty() && here.open == 0 && here.credits == 0 && here.fees == 0;
        let retired = here.retired;
        let disputed = self.disputes.values().any(|dispute| dispute.market == market);
        ensure(retired && empty && !disputed, Error::MarketInUse)?;

        let here = self.market(market)?;
        let rest = here.deposit + here.donated;
        self.markets[market] = None;
        self.give(DEPLOYER, rest);
        Ok(())
    }

    /// Tightens the policy, or announces a looser one.
    pub fn propose_policy(&mut self, by: usize, policy: (u16, u64, u64)) -> Outcome {
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
    pub fn apply_policy(&mut self) -> Outcome {
        let (policy, from) = self.config.announced.ok_or(Error::NothingAnnounced)?;
        ensure((from..=from + VALIDITY).contains(&self.now), Error::NothingAnnounced)?;
        self.config.policy = policy;
        self.config.announced = None;
        Ok(())
    }

    /// Pauses or resumes entry.
    pub fn set_paused(&mut self, by: usize, on: bool) -> Outcome {
        ensure(by == DEPLOYER, Error::NotGuardian)?;
        self.config.paused = on;
        Ok(())
    }
}

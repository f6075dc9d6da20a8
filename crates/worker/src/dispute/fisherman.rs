//! A fisherman: an idle node computes results of other nodes again, and disputes wrong ones for a
//! part of the collateral. Which ones it checks is secret.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;
use nosana_client::{
    actions,
    jobs::accounts::{Job, Node},
};
use nosana_job_spec::Digest;
use nosana_protocol::{
    dispute::terms::bond_amount,
    job::{Kind, State},
    units::{Amount, UnixTimestamp},
};
use nosana_sandbox::CancelToken;
use solana_address::Address;
use solana_signer::Signer;

use super::secret::new_secret;
use crate::{
    event_sink::EventSink, execute::Precedence, slots::Slots, transaction::Outgoing, worker::Worker,
};

/// Longest time to wait for the content of a result. One that cannot be had is not disputed here:
/// others may have it.
const CONTENT_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause before a result is read again that could not be had: its node may hide it until nobody
/// looks any more.
const REREAD_DELAY: Duration = Duration::from_secs(120);
/// Longest time to compute a result. Nobody knows before how much work it is.
const MAX_CHECK_TIME: Duration = Duration::from_secs(600);
/// The most results to remember.
const MAX_REMEMBERED: usize = 10_000;

/// Which results to check.
pub(super) struct Sampler {
    rate: f64,
    /// Keeps secret which results are checked.
    secret: [u8; 32],
    /// The attempts that were drawn or not; when to look again at what could not be checked.
    seen: HashMap<(Address, u64), Option<Instant>>,
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckEnd {
    /// The result was computed again.
    Done,
    /// It could not be had, or this node has a job now.
    Later,
}

impl Sampler {
    /// Checks a result with this probability, from 0 to 1.
    pub fn new(rate: f64) -> Self {
        Self { rate, secret: new_secret(), seen: HashMap::new() }
    }

    /// Whether any result is checked.
    pub fn is_active(&self) -> bool {
        self.rate > 0.0
    }

    /// Checks a result later that could not be checked now.
    pub fn retry_later(&mut self, job: Address, attempt: u64) {
        self.seen.insert((job, attempt), Some(Instant::now() + REREAD_DELAY));
    }

    /// Returns the first of these results that is to be checked now.
    pub fn choose_result(&mut self, found: Vec<(Address, Job)>) -> Option<(Address, Job)> {
        found.into_iter().find(|(address, job)| self.draw(address, job.attempt_id))
    }

    /// Returns whether to check this result now; true once at most, unless it is to be retried.
    fn draw(&mut self, job: &Address, attempt: u64) -> bool {
        if self.seen.len() >= MAX_REMEMBERED {
            self.seen.clear();
        }
        match self.seen.insert((*job, attempt), None) {
            None => {}
            Some(None) => return false,
            Some(Some(retry_at)) if Instant::now() < retry_at => {
                self.seen.insert((*job, attempt), Some(retry_at));
                return false;
            }
            Some(Some(_)) => return true,
        }

        let preimage = [&self.secret[..], job.as_array(), &attempt.to_le_bytes()].concat();
        let digest = Digest::of(&preimage).0;
        let drawn = digest.first_chunk::<8>().map_or(u64::MAX, |head| u64::from_le_bytes(*head));
        (drawn as f64) < self.rate * u64::MAX as f64
    }
}

impl Worker {
    /// Lists the results of other nodes that can be checked at `now`; none while this node works.
    pub(super) async fn list_checkable(&self, now: UnixTimestamp) -> Result<Vec<(Address, Job)>> {
        let node = self.session.fetch_account::<Node>(&self.node).await?;
        let slots = Slots::read_from(&node, now.0);
        if slots.held_jobs().next().is_some() {
            return Ok(Vec::new());
        }

        let mut submitted = self.list_jobs(State::Submitted).await?;
        submitted.retain(|(_, job)| {
            job.to_terms().kind == Kind::VerifiedBatch
                && job.node != self.node
                && seconds_left(job, now) > CONTENT_TIMEOUT.as_secs()
        });
        Ok(submitted)
    }

    /// Computes a result again, and disputes it if it is wrong. Ends when it is cancelled, so that
    /// this node's own jobs do not wait for it.
    ///
    /// # Errors
    /// If this node cannot compute it, or not within some minutes.
    pub(super) async fn check_result(
        &self,
        address: Address,
        job: Job,
        cancel: CancelToken,
        events: &EventSink,
    ) -> Result<CheckEnd> {
        let case = self.prepare_case(address, job).await?;
        let claim = match self.read_claim(&case, Instant::now() + CONTENT_TIMEOUT).await {
            Ok(claim) => claim,
            Err(error) => {
                tracing::info!(job = %address, "cannot read a result: {error:#}");
                return Ok(CheckEnd::Later);
            }
        };

        let ending = cancel.ending_at(Instant::now() + MAX_CHECK_TIME);
        let faults = match self.find_faults(&case, claim, Precedence::InOrder, ending).await {
            Err(_) if cancel.is_cancelled() => return Ok(CheckEnd::Later),
            found => found?,
        };
        if faults.is_empty() {
            tracing::info!(job = %address, "checked a result: it is right");
            return Ok(CheckEnd::Done);
        }

        let faults = faults.join("; ");
        tracing::warn!(job = %address, faults, "checked a result: it is wrong");
        self.challenge_result(address, &job, events).await?;
        Ok(CheckEnd::Done)
    }

    async fn challenge_result(
        &self,
        address: Address,
        job: &Job,
        events: &EventSink,
    ) -> Result<()> {
        let bond = bond_amount(Amount(job.panel_fee)).unwrap_or(Amount(u64::MAX));
        let owned = self.session.fetch_token_balance(&self.payout()).await?;
        if owned < bond.0 {
            events.emit_problem(format!(
                "the result of {address} is wrong, and a dispute needs a bond of {bond}: this \
                 node's token account has {}",
                Amount(owned)
            ));
            return Ok(());
        }

        let owner = self.config.authority.pubkey();
        let challenge = actions::challenge(owner, address, job, self.config.mint);
        let outgoing = Outgoing::for_job(address, "challenge", challenge).urgent();
        self.send_if_it_lands(outgoing, events).await?;
        Ok(())
    }
}

/// Returns the rest of the challenge window, in seconds.
fn seconds_left(job: &Job, now: UnixTimestamp) -> u64 {
    let passed = now.seconds_since(UnixTimestamp(job.submitted_at)).0;
    u64::from(job.challenge_seconds).saturating_sub(passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zeroed_accounts::zeroed_job;

    fn count_drawn(rate: f64) -> usize {
        let mut sampler = Sampler::new(rate);
        let jobs = (0..2_000_u64).map(|number| {
            let mut address = [0; 32];
            address[..8].copy_from_slice(&number.to_le_bytes());
            Address::new_from_array(address)
        });
        jobs.filter(|job| sampler.draw(job, 1)).count()
    }

    #[test]
    fn a_share_of_the_results_is_checked() {
        assert_eq!((count_drawn(0.0), count_drawn(1.0)), (0, 2_000));
        let some = count_drawn(0.25);
        assert!((400..600).contains(&some), "{some}");
    }

    #[test]
    fn one_result_of_a_list_is_checked_at_a_time() {
        let mut sampler = Sampler::new(1.0);
        let found: Vec<(Address, Job)> =
            [1, 2].map(|number| (Address::new_from_array([number; 32]), zeroed_job())).into();
        for (address, _) in &found {
            let chosen = sampler.choose_result(found.clone());
            assert_eq!(chosen.map(|(chosen, _)| chosen), Some(*address));
        }
        assert!(sampler.choose_result(found).is_none());
    }

    #[test]
    fn each_result_is_drawn_once() {
        let mut sampler = Sampler::new(1.0);
        let job = Address::new_from_array([1; 32]);
        assert!(sampler.draw(&job, 1));
        assert!(!sampler.draw(&job, 1));
        assert!(sampler.draw(&job, 2), "the result of another attempt");

        sampler.retry_later(job, 1);
        assert!(!sampler.draw(&job, 1), "not yet");
        sampler.seen.insert((job, 1), Some(Instant::now()));
        assert!(sampler.draw(&job, 1), "its node may show the result now");
        assert!(!sampler.draw(&job, 1));
    }
}

//! A node's reputation: a Beta distribution over the value of its past work, which fades.
//!
//! `good` is the value that a node delivered and was paid for, `bad` the value that it promised and
//! failed to deliver, both in base units of NOS and both halved every 30 days, a little each day.
//! With a prior of [`PRIOR`] on either side, the score is the mean of the Beta distribution: `(good
//! + PRIOR) / (good + bad + 2 × PRIOR)`, in basis points. A new node has one half.
//!
//! Only settlements change it. A job that was given back does not count, because the reason may be
//! bad luck. A job that a node lists for itself does not count either: see [`is_own`]. An owner who
//! lists through a second wallet pays the network's fee for each unit of reputation: a market
//! should require a reputation whose fee outweighs what cheating there could gain.

use crate::{
    Overflow,
    job::{Kind, Reason},
    settlement::{Split, Terms},
    units::{Amount, BasisPoints, Seconds, UnixTimestamp, WHOLE_BPS, mul_div_u64},
};

/// Evidence counts `FADED[n] / 2³⁰` of its value `n` days later: `2^(−n/30)`, rounded down. Only
/// whole days count, so that the number of updates of a reputation makes no difference.
const FADED: [u64; 30] = [
    1_073_741_824,
    1_049_217_526,
    1_025_253_365,
    1_001_836_546,
    978_954_567,
    956_595_214,
    934_746_549,
    913_396_909,
    892_534_894,
    872_149_369,
    852_229_450,
    832_764_502,
    813_744_135,
    795_158_193,
    776_996_755,
    759_250_124,
    741_908_828,
    724_963_607,
    708_405_415,
    692_225_413,
    676_414_963,
    660_965_623,
    645_869_148,
    631_117_476,
    616_702_733,
    602_617_223,
    588_853_427,
    575_403_996,
    562_261_750,
    549_419_674,
];
/// One day.
const DAY: Seconds = Seconds(86_400);
/// The weight of the prior: 10 NOS on either side.
pub const PRIOR: Amount = Amount(10_000_000);
/// The most that one settlement counts: 1,000 NOS. So one large job does not decide a node's score.
pub const MAX_EVIDENCE: Amount = Amount(1_000_000_000);
/// The most that either side holds. It keeps sums in range.
const MAX_HELD: u64 = u64::MAX >> 2;

/// A node's reputation at the time `at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    /// Value delivered, in base units.
    pub good: u64,
    /// Value promised and not delivered, in base units.
    pub bad: u64,
    /// The time until which both have faded: a whole number of days after the first evidence.
    pub at: UnixTimestamp,
}

/// The evidence of one settlement about its node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Value delivered.
    pub good: Amount,
    /// Value not delivered.
    pub bad: Amount,
}

/// Returns true if the accounts of a job show that its client and its node are the same person.
pub fn is_self_dealing<T: PartialEq>(
    node_authority: &T,
    node_payout: &T,
    client: &T,
    payer: &T,
    payer_token: &T,
) -> bool {
    client == node_authority || payer == node_authority || payer_token == node_payout
}

/// Returns the evidence of the settlement, for `reason`, of a job with `terms` whose node earned
/// `split.node`.
///
/// `promised` is the timeout that the node agreed to when it started. Time that the client bought
/// later does not count against the node.
///
/// A result counts only if its client could have rejected it: `has_window` is true if the job has a
/// challenge window.
pub fn settlement_evidence(
    terms: &Terms,
    promised: Seconds,
    reason: Reason,
    split: &Split,
    has_window: bool,
) -> Result<Evidence, Overflow> {
    let promised = terms.price.cost_of(promised)?;

    let good = match (reason, terms.kind) {
        (Reason::Completed, Kind::Batch | Kind::VerifiedBatch) if !has_window => Amount::ZERO,
        _ => split.node,
    };
    // A batch job ends for a lost heartbeat only if its own client ends it.
    let bad = match (reason, terms.kind) {
        (Reason::DeadlineExceeded | Reason::ResultWrong, _)
        | (Reason::Completed | Reason::HeartbeatLost | Reason::BackingLost, Kind::Service) => {
            Amount(promised.0.saturating_sub(split.node.0))
        }
        _ => Amount::ZERO,
    };

    Ok(Evidence { good: good.min(MAX_EVIDENCE), bad: bad.min(MAX_EVIDENCE) })
}

impl Reputation {
    /// Returns the reputation with `evidence` added at `now`.
    pub fn with_evidence(self, evidence: Evidence, now: UnixTimestamp) -> Result<Self, Overflow> {
        let faded = self.faded_at(now)?;
        Ok(Self {
            good: faded.good.saturating_add(evidence.good.0).min(MAX_HELD),
            bad: faded.bad.saturating_add(evidence.bad.0).min(MAX_HELD),
            at: faded.at,
        })
    }

    /// Returns the score at `now`.
    pub fn score_at(self, now: UnixTimestamp) -> Result<BasisPoints, Overflow> {
        let faded = self.faded_at(now)?;
        let good = u128::from(faded.good).checked_add(PRIOR.0.into()).ok_or(Overflow)?;
        let all =
            u128::from(faded.bad).checked_add(PRIOR.0.into()).and_then(|bad| bad.checked_add(good));

        let score = good
            .checked_mul(WHOLE_BPS.into())
            .zip(all)
            .and_then(|(good, all)| good.checked_div(all));

        u16::try_from(score.ok_or(Overflow)?).map(BasisPoints).map_err(|_| Overflow)
    }

    fn faded_at(self, now: UnixTimestamp) -> Result<Self, Overflow> {
        if self.good == 0 && self.bad == 0 {
            return Ok(Self { at: now, ..self });
        }

        let days = now.seconds_since(self.at).0.checked_div(DAY.0).ok_or(Overflow)?;
        let at = self.at.checked_add(Seconds(days.checked_mul(DAY.0).ok_or(Overflow)?))?;

        Ok(Self { good: fade_value(self.good, days)?, bad: fade_value(self.bad, days)?, at })
    }
}

/// Returns `value` after `days`, rounded down.
fn fade_value(value: u64, days: u64) -> Result<u64, Overflow> {
    let halvings =
        days.checked_div(30).and_then(|halvings| u32::try_from(halvings).ok()).unwrap_or(u32::MAX);
    let rest = days.checked_rem(30).and_then(|rest| usize::try_from(rest).ok()).ok_or(Overflow)?;

    let halved = value.checked_shr(halvings).unwrap_or(0);
    mul_div_u64(halved, *FADED.get(rest).ok_or(Overflow)?, 1 << 30)
}

#[cfg(test)]
mod tests;

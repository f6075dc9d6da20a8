//! The stake that a market requires of a node: arithmetic, no network.

use anyhow::{Context, Result, ensure};
use nosana_client::staking::accounts::Stake;
use nosana_protocol::{
    units::{Amount, SECONDS_PER_DAY, Seconds},
    xnos,
};

use crate::{amount::AMOUNT_OVERFLOWS, commands::values::format_nos};

/// What the stake must satisfy.
#[derive(Clone, Copy, Debug)]
pub struct StakeRequirements {
    /// The least weight, own and delegated, in base units of xNOS.
    pub min_xnos: u64,
    /// Base units that jobs may lock at the same time.
    pub collateral: u64,
    /// The least that staking accepts, in base units.
    pub min_stake: u64,
    /// Base units to stake beyond that, so that a penalty does not leave too little.
    pub margin: u64,
}

/// What the owner wants in addition.
#[derive(Clone, Copy, Debug, Default)]
pub struct StakeWish {
    /// Base units to have staked in total; `None` for the least that is enough.
    pub amount: Option<u64>,
    /// Days of the cooldown; `None` for the shortest of a new stake.
    pub days: Option<u64>,
}

/// The steps to the required stake, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakePlan {
    /// Whether a stake is opened with `added`.
    pub opens_stake: bool,
    /// Whether a cooldown is cancelled first.
    pub cancels_cooldown: bool,
    /// Base units to add; zero if the stake is enough.
    pub added: u64,
    /// The longer cooldown, in seconds.
    pub extended_seconds: Option<u64>,
    /// The least that is enough, in base units.
    pub min_amount: u64,
    /// The stake afterwards, in base units.
    pub amount: u64,
    /// The cooldown afterwards, in seconds.
    pub duration_seconds: u64,
    /// The stake's own weight afterwards, in base units of xNOS.
    pub xnos: u64,
}

impl StakePlan {
    /// Whether the stake needs no step.
    pub const fn is_done(&self) -> bool {
        !self.opens_stake
            && !self.cancels_cooldown
            && self.added == 0
            && self.extended_seconds.is_none()
    }

    /// Plans the steps from `stake`. Fails if the wish is less than required, or a shorter cooldown
    /// than the stake has.
    pub fn new(
        stake: Option<&Stake>,
        required: StakeRequirements,
        wish: StakeWish,
    ) -> Result<Self> {
        let current_seconds = stake.map(|stake| stake.duration_seconds);
        let duration_seconds = plan_duration(current_seconds, wish.days)?;

        let delegated = stake.map_or(0, |stake| stake.delegated_xnos);
        let own_xnos = required.min_xnos.saturating_sub(delegated);
        let min_amount = smallest_amount(own_xnos, duration_seconds)
            .max(required.collateral)
            .max(required.min_stake);
        if let Some(amount) = wish.amount {
            ensure!(
                amount >= min_amount,
                "--stake {} is too low; with a cooldown of {} days the market requires {}",
                format_nos(amount),
                duration_seconds / SECONDS_PER_DAY,
                format_nos(min_amount)
            );
        }

        let held = stake.map_or(0, |stake| stake.amount.saturating_sub(stake.withdrawn));
        // A stake that is enough is not filled up again after a penalty has taken the margin.
        let suggested =
            if held >= min_amount { held } else { min_amount.saturating_add(required.margin) };
        let amount = wish.amount.unwrap_or(suggested).max(held);
        let own_weight = xnos::stake_weight(Amount(amount), Seconds(duration_seconds))
            .ok()
            .context(AMOUNT_OVERFLOWS)?;
        let is_cooling = stake.is_some_and(|stake| stake.unstaked_at != 0);
        let is_extended = current_seconds.is_some_and(|current| current < duration_seconds);

        Ok(Self {
            opens_stake: stake.is_none(),
            // A stake whose cooldown has released everything starts anew when it is added to.
            cancels_cooldown: is_cooling && held > 0,
            added: amount.saturating_sub(held),
            extended_seconds: is_extended.then_some(duration_seconds),
            min_amount,
            amount,
            duration_seconds,
            xnos: own_weight.0,
        })
    }
}

/// The cooldown afterwards, in seconds.
fn plan_duration(current_seconds: Option<u64>, wished_days: Option<u64>) -> Result<u64> {
    let wished_seconds = wished_days.map(|days| days.saturating_mul(SECONDS_PER_DAY));

    if let (Some(wished), Some(current)) = (wished_seconds, current_seconds) {
        ensure!(
            wished >= current,
            "the stake's cooldown is {} days and cannot become shorter; leave out --days",
            current.div_ceil(SECONDS_PER_DAY)
        );
    }
    Ok(wished_seconds.or(current_seconds).unwrap_or(xnos::MIN_DURATION.0))
}

/// The smallest amount whose weight with this cooldown is at least `wanted`; both in base units.
fn smallest_amount(wanted: u64, duration_seconds: u64) -> u64 {
    let mut low = 0;
    // A weight is never less than its amount, so `wanted` is always enough.
    let mut high = wanted;

    while low < high {
        let middle = low.midpoint(high);
        // A weight that overflows is more than any market requires.
        let is_too_low = xnos::stake_weight(Amount(middle), Seconds(duration_seconds))
            .is_ok_and(|weight| weight.0 < wanted);
        if is_too_low { low = middle.saturating_add(1) } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests;

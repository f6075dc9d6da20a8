//! What a stake must become so that a market takes its node: arithmetic, no network.

use anyhow::{Context, Result, ensure};
use nosana_client::staking::accounts::Stake;
use nosana_protocol::{
    units::{Amount, Seconds},
    xnos,
};

use crate::commands::nos;

/// Seconds in a day.
pub const DAY: u64 = 86_400;

/// What is asked of the stake.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// The least weight, own and delegated, in base units of xNOS.
    pub min_xnos: u64,
    /// Base units that jobs may lock at the same time.
    pub collateral: u64,
    /// The least that staking accepts, in base units.
    pub min_stake: u64,
}

/// What the owner wants beyond that.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Base units that shall be staked altogether; the least that is enough if `None`.
    pub amount: Option<u64>,
    /// Days of the cooldown; for a new stake the fewest if `None`.
    pub days: Option<u64>,
}

/// What is to be done, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whether there is no stake yet: it is opened with `add`.
    pub open: bool,
    /// Whether a cooldown is broken off first.
    pub restake: bool,
    /// Base units to add; zero if it is enough.
    pub add: u64,
    /// The longer cooldown, in seconds.
    pub extend: Option<u64>,
    /// The least that is enough, in base units.
    pub least: u64,
    /// What is staked afterwards, in base units.
    pub amount: u64,
    /// The cooldown afterwards, in seconds.
    pub duration_seconds: u64,
    /// The owner's own weight afterwards, in base units of xNOS.
    pub xnos: u64,
}

impl Plan {
    /// Whether there is nothing to do.
    pub const fn is_done(&self) -> bool {
        !self.open && !self.restake && self.add == 0 && self.extend.is_none()
    }

    /// The plan for this stake, or for none.
    ///
    /// # Errors
    /// If the wish is for less than is needed, or for a shorter cooldown than the stake has.
    pub fn new(stake: Option<&Stake>, need: Need, wish: Wish) -> Result<Self> {
        let held = stake.map_or(0, |stake| stake.amount.saturating_sub(stake.withdrawn));
        let cooling = stake.is_some_and(|stake| stake.unstaked_at != 0);
        let (days, now) = (
            wish.days.map(|days| days.saturating_mul(DAY)),
            stake.map(|stake| stake.duration_seconds),
        );
        if let (Some(days), Some(now)) = (days, now) {
            ensure!(
                days >= now,
                "the stake's cooldown is {} days and cannot become shorter: leave --days out",
                now.div_ceil(DAY)
            );
        }
        let duration_seconds = days.or(now).unwrap_or(xnos::MIN_DURATION.0);
        let delegated = stake.map_or(0, |stake| stake.delegated_xnos);
        let weight = smallest(need.min_xnos.saturating_sub(delegated), duration_seconds);
        let least = weight.max(need.collateral).max(need.min_stake);
        if let Some(wanted) = wish.amount {
            ensure!(
                wanted >= least,
                "--stake {} are too few: with a cooldown of {} days the market takes this node from {} on",
                nos(wanted.into()),
                duration_seconds / DAY,
                nos(least.into())
            );
        }
        let amount = wish.amount.unwrap_or(least).max(held);
        let own = xnos::weight(Amount(amount), Seconds(duration_seconds))
            .ok()
            .context("so many NOS do not exist")?;
        Ok(Self {
            open: stake.is_none(),
            // What a cooldown has paid out altogether begins anew when it is added to.
            restake: cooling && held > 0,
            add: amount.saturating_sub(held),
            extend: now.filter(|now| *now < duration_seconds).map(|_| duration_seconds),
            least,
            amount,
            duration_seconds,
            xnos: own.0,
        })
    }
}

/// The smallest amount whose weight over this cooldown is at least `wanted`; all in base units.
fn smallest(wanted: u64, duration_seconds: u64) -> u64 {
    // A weight is never less than its amount, so `wanted` is always enough.
    let (mut low, mut high) = (0, wanted);
    while low < high {
        let middle = low.midpoint(high);
        // What overflows is more than anybody asks for.
        let too_few = xnos::weight(Amount(middle), Seconds(duration_seconds))
            .is_ok_and(|weight| weight.0 < wanted);
        if too_few { low = middle.saturating_add(1) } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests;

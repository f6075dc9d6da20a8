//! The cooldown of a stake: when it ends, and what it releases when.

use nosana_client::staking::accounts::Stake;
use nosana_protocol::{
    units::{Amount, SECONDS_PER_DAY, Seconds, UnixTimestamp},
    xnos,
};
use serde_json::{Value, json};

/// Parts of the cooldown whose end is listed.
const PARTS: u64 = 4;

/// Returns the dates and amounts of the cooldown; null if it has not begun.
pub fn cooldown_to_json(stake: &Stake, now: UnixTimestamp) -> Value {
    if stake.unstaked_at == 0 {
        return Value::Null;
    }

    let duration = stake.duration_seconds;
    let schedule: Vec<Value> = (1..=PARTS)
        .map(|part| {
            let elapsed = (u128::from(duration) * u128::from(part)).div_ceil(PARTS.into());
            let elapsed = u64::try_from(elapsed).unwrap_or(duration);
            json!({
                "at": add_seconds(stake.unstaked_at, elapsed),
                "released": released_after(stake, Seconds(elapsed)),
            })
        })
        .collect();

    json!({
        "began_at": stake.unstaked_at,
        "ends_at": add_seconds(stake.unstaked_at, duration),
        "released": released_after(stake, now.seconds_since(UnixTimestamp(stake.unstaked_at))),
        "released_per_day": released_after(stake, Seconds(SECONDS_PER_DAY)),
        "schedule": schedule,
    })
}

/// What the cooldown has released and can be withdrawn, in base units. `idle` base units are locked
/// and unused: `nosana stake withdraw` releases them first.
pub fn withdrawable_now(stake: &Stake, idle: u64, now: UnixTimestamp) -> u64 {
    if stake.unstaked_at == 0 {
        return 0;
    }

    let amount = Amount(stake.amount);
    let released = released_after(stake, now.seconds_since(UnixTimestamp(stake.unstaked_at)));
    let withdrawn = Amount(stake.withdrawn);
    let locked = Amount(stake.locked).without(Amount(idle));
    xnos::withdrawable_amount(Amount(released), withdrawn, amount, locked)
        .map_or(0, |amount| amount.0)
}

/// What the cooldown releases within a time from its start, in base units.
fn released_after(stake: &Stake, elapsed: Seconds) -> u64 {
    let released =
        xnos::released_amount(Amount(stake.amount), Seconds(stake.duration_seconds), elapsed);
    released.map_or(0, |amount| amount.0)
}

fn add_seconds(start: i64, seconds: u64) -> i64 {
    start.saturating_add_unsigned(seconds)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    #[test]
    fn a_cooldown_has_dates_and_amounts() {
        let zeroed = [Stake::DISCRIMINATOR, &vec![0; Stake::SIZE - 8]].concat();
        let mut stake = Stake::from_data(&zeroed).unwrap();
        stake.amount = 1_000;
        stake.duration_seconds = 20 * SECONDS_PER_DAY;
        let day = SECONDS_PER_DAY as i64;
        assert_eq!(cooldown_to_json(&stake, UnixTimestamp(day)), Value::Null);
        assert_eq!(withdrawable_now(&stake, 0, UnixTimestamp(day)), 0);

        stake.unstaked_at = day;
        stake.withdrawn = 30;
        let now = UnixTimestamp(3 * day);
        let cooldown = cooldown_to_json(&stake, now);
        assert_eq!(
            (&cooldown["began_at"], &cooldown["ends_at"]),
            (&day.into(), &(21 * day).into())
        );
        assert_eq!(
            (&cooldown["released"], &cooldown["released_per_day"]),
            (&100.into(), &50.into())
        );
        assert_eq!(
            cooldown["schedule"],
            json!([
                { "at": 6 * day, "released": 250 },
                { "at": 11 * day, "released": 500 },
                { "at": 16 * day, "released": 750 },
                { "at": 21 * day, "released": 1_000 },
            ])
        );
        assert_eq!(withdrawable_now(&stake, 0, now), 70);

        // 970 are in the vault. What is locked stays there, except what is idle.
        stake.locked = 950;
        assert_eq!(withdrawable_now(&stake, 0, now), 20);
        assert_eq!(withdrawable_now(&stake, 40, now), 60);
        assert_eq!(withdrawable_now(&stake, 950, now), 70);
    }
}

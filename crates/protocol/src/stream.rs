//! Emission streams: an amount that becomes income of the reward pool linearly over its time.

use crate::{
    Overflow,
    units::{Amount, Seconds, UnixTimestamp, mul_div_u64},
};

/// The longest stream: ten years.
pub const MAX_LENGTH: Seconds = Seconds(10 * 366 * 86_400);

/// The schedule of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The total amount.
    pub amount: Amount,
    /// The time at which it begins.
    pub start: UnixTimestamp,
    /// The time at which all of it is due.
    pub end: UnixTimestamp,
}

impl Schedule {
    /// Returns true if it begins at `now` or later and lasts between one second and ten years.
    pub fn is_valid(&self, now: UnixTimestamp) -> bool {
        self.start >= now && (1..=MAX_LENGTH.0).contains(&self.end.seconds_since(self.start).0)
    }

    /// Returns the total amount due by `now`: `amount × elapsed / length`, rounded down, and the
    /// whole amount at its end.
    pub fn due_amount(&self, now: UnixTimestamp) -> Result<Amount, Overflow> {
        if now >= self.end {
            return Ok(self.amount);
        }

        mul_div_u64(
            self.amount.0,
            now.seconds_since(self.start).0,
            self.end.seconds_since(self.start).0,
        )
        .map(Amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCHEDULE: Schedule =
        Schedule { amount: Amount(1_000), start: UnixTimestamp(100), end: UnixTimestamp(107) };

    #[test]
    fn a_worked_example() {
        let due = |now| SCHEDULE.due_amount(UnixTimestamp(now));
        assert_eq!(due(0), Ok(Amount(0)));
        assert_eq!(due(100), Ok(Amount(0)));
        assert_eq!(due(101), Ok(Amount(142)), "a seventh, rounded down");
        assert_eq!(due(106), Ok(Amount(857)));
        assert_eq!(due(107), Ok(Amount(1_000)), "nothing is lost at the end");
        assert_eq!(due(i64::MAX), Ok(Amount(1_000)));
    }

    #[test]
    fn all_of_it_is_due_at_its_end_whatever_its_length() {
        for end in [100, i64::MAX] {
            let schedule = Schedule { end: UnixTimestamp(end), ..SCHEDULE };
            assert_eq!(schedule.due_amount(UnixTimestamp(end)), Ok(Amount(1_000)), "{end}");
        }
    }

    #[test]
    fn its_time_has_bounds() {
        let valid = |start, end| {
            Schedule { start: UnixTimestamp(start), end: UnixTimestamp(end), ..SCHEDULE }
                .is_valid(UnixTimestamp(100))
        };
        assert!(valid(100, 101) && !valid(99, 101) && !valid(100, 100) && !valid(101, 100));
        assert!(valid(150, 151), "it may begin later");
        let longest = 316_224_000; // ten leap years
        assert!(valid(100, 100 + longest) && !valid(100, 101 + longest));
        assert!(!valid(100, i64::MAX));
    }

    proptest! {
        #[test]
        fn it_only_grows_and_never_exceeds_the_amount(
            amount: u64, length in 1..=MAX_LENGTH.0, a: u64, b: u64,
        ) {
            let end = UnixTimestamp(100).checked_add(Seconds(length)).unwrap_or_default();
            let schedule = Schedule { amount: Amount(amount), start: UnixTimestamp(100), end };
            let at = |offset: u64| {
                let elapsed = Seconds(offset % (length + 2));
                schedule.due_amount(UnixTimestamp(100).checked_add(elapsed).unwrap_or_default())
            };
            let (early, late) = (a.min(b) % (length + 2), a.max(b) % (length + 2));
            let (early, late) = (at(early.min(late)).unwrap(), at(early.max(late)).unwrap());
            prop_assert!(early <= late && late <= Amount(amount));
        }
    }
}

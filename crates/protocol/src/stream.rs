//! Emission streams: an amount that becomes income of the reward pool bit by bit, in a straight
//! line over its time.

use crate::{
    Overflow,
    units::{Amount, Moment, Seconds, fraction},
};

/// The longest stream: ten years.
pub const MAX_LENGTH: Seconds = Seconds(10 * 366 * 86_400);

/// A stream's schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// What it pays altogether.
    pub amount: Amount,
    /// When it begins.
    pub start: Moment,
    /// When all of it is due.
    pub end: Moment,
}

impl Schedule {
    /// Whether it begins at `now` or later, and lasts between one second and ten years.
    pub fn is_valid(&self, now: Moment) -> bool {
        self.start >= now && (1..=MAX_LENGTH.0).contains(&self.end.since(self.start).0)
    }

    /// What is due of it by `now`, altogether: `amount × elapsed / length`, rounded down, and all
    /// of it at its end.
    pub fn due(&self, now: Moment) -> Result<Amount, Overflow> {
        if now >= self.end {
            return Ok(self.amount);
        }
        fraction(self.amount.0, now.since(self.start).0, self.end.since(self.start).0).map(Amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCHEDULE: Schedule =
        Schedule { amount: Amount(1_000), start: Moment(100), end: Moment(107) };

    #[test]
    fn a_worked_example() {
        let due = |now| SCHEDULE.due(Moment(now));
        assert_eq!(due(0), Ok(Amount(0)));
        assert_eq!(due(100), Ok(Amount(0)));
        assert_eq!(due(101), Ok(Amount(142)), "a seventh, rounded down");
        assert_eq!(due(106), Ok(Amount(857)));
        assert_eq!(due(107), Ok(Amount(1_000)), "nothing is lost at the end");
        assert_eq!(due(i64::MAX), Ok(Amount(1_000)));
    }

    #[test]
    fn its_time_has_bounds() {
        let valid = |start, end| {
            Schedule { start: Moment(start), end: Moment(end), ..SCHEDULE }.is_valid(Moment(100))
        };
        assert!(valid(100, 101) && !valid(99, 101) && !valid(100, 100) && !valid(101, 100));
        let longest = i64::try_from(MAX_LENGTH.0).unwrap_or_default();
        assert!(valid(100, 100 + longest) && !valid(100, 101 + longest));
        assert!(!valid(100, i64::MAX));
    }

    proptest! {
        #[test]
        fn it_only_grows_and_never_exceeds_the_amount(amount: u64, length in 1..=MAX_LENGTH.0, a: u64, b: u64) {
            let end = Moment(100).after(Seconds(length)).unwrap_or_default();
            let schedule = Schedule { amount: Amount(amount), start: Moment(100), end };
            let at = |offset: u64| schedule.due(Moment(100).after(Seconds(offset % (length + 2))).unwrap_or_default());
            let (early, late) = (a.min(b) % (length + 2), a.max(b) % (length + 2));
            let (early, late) = (at(early.min(late)).unwrap(), at(early.max(late)).unwrap());
            prop_assert!(early <= late && late <= Amount(amount));
        }
    }
}

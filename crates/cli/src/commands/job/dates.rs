//! Points in time and ages, as users read and write them. All times are UTC.

use std::str::FromStr;

use anyhow::{Context, Error, Result, bail, ensure};
use nosana_protocol::units::{SECONDS_PER_DAY, UnixTimestamp};

/// Seconds of a day, as timestamps count them.
const DAY: i64 = 24 * 60 * 60;
/// How an age is written.
const AGE_FORMS: &str = "write a number and its unit, like `30m`, `12h`, `7d` or `2w`";

/// A duration in seconds, written like `30m`, `12h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(pub u64);

/// The begin of a period: an [`Age`] before now, or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// This long ago.
    Ago(Age),
    /// From this second on.
    At(UnixTimestamp),
}

impl Since {
    /// Returns the first second of the period.
    pub fn resolve(self, now: UnixTimestamp) -> UnixTimestamp {
        match self {
            Self::Ago(Age(seconds)) => UnixTimestamp(now.0.saturating_sub_unsigned(seconds)),
            Self::At(at) => at,
        }
    }
}

impl FromStr for Age {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unit = text.chars().next_back().context(AGE_FORMS)?;
        let number = text.strip_suffix(unit).unwrap_or_default();
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => SECONDS_PER_DAY,
            'w' => 7 * SECONDS_PER_DAY,
            _ => bail!("not a valid age; {AGE_FORMS}"),
        };

        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        ensure!(is_number, "not a valid age; {AGE_FORMS}");
        let seconds = number.parse::<u64>().ok().and_then(|count| count.checked_mul(seconds));
        Ok(Self(seconds.context("the age overflows; give a shorter one")?))
    }
}

impl FromStr for Since {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(at) = parse_date(text) {
            return Ok(Self::At(at));
        }

        let age = text.parse().ok();
        let form = "write an age like `30m`, `12h`, `7d` or a date like `2026-11-28`";
        age.map(Self::Ago).with_context(|| format!("not a valid time; {form}"))
    }
}

/// Formats a timestamp as a date and a time, `2026-11-28 19:35:10`.
pub fn format_time(at: i64) -> String {
    let (year, month, day) = civil_date(at.div_euclid(DAY));
    let second = at.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);

    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Formats a timestamp that may be unknown.
pub fn format_known_time(at: Option<i64>) -> String {
    at.map_or_else(|| "-".to_owned(), format_time)
}

/// Parses `2026-11-28`, the begin of that day.
fn parse_date(text: &str) -> Option<UnixTimestamp> {
    let mut parts = text.splitn(3, '-');
    let mut next_number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let (year, month, day) = (next_number(4)?, next_number(2)?, next_number(2)?);

    // The days of the month are checked by the way back.
    let days = days_since_epoch(year, month, day);
    (civil_date(days) == (year, month, day)).then_some(UnixTimestamp(days * DAY))
}

/// Returns year, month and day of the Gregorian calendar. Eras of 400 years have the same days, and
/// years that begin in March end with the leap day.
fn civil_date(days_since_epoch: i64) -> (i64, i64, i64) {
    let days = days_since_epoch + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);

    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The inverse of [`civil_date`].
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;

    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_the_calendar_has_them() {
        for (at, expected) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_795_894_510, "2026-11-28 19:35:10"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
        ] {
            assert_eq!(format_time(at), expected);
        }
    }

    #[test]
    fn ages_need_a_unit() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("30m", 1_800), ("12h", 43_200)] {
            assert_eq!(text.parse::<Age>().unwrap(), Age(seconds), "{text}");
        }
        assert_eq!("7d".parse::<Age>().unwrap(), "1w".parse::<Age>().unwrap());
        for text in ["", "7", "d", "-1d", "+1d", "1.5h", "7 d", "7D", "1é", "99999999999999999999d"]
        {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
        assert!(
            "18446744073709551615d".parse::<Age>().unwrap_err().to_string().contains("overflows")
        );
    }

    #[test]
    fn a_period_begins_at_a_date_or_an_age_ago() {
        let now = UnixTimestamp(1_000_000);
        let resolve = |text: &str| text.parse::<Since>().map(|since| since.resolve(now).0).ok();
        assert_eq!(resolve("1h"), Some(996_400));
        assert_eq!(resolve("2026-11-28"), Some(1_795_824_000));
        assert_eq!(resolve("1000w"), Some(1_000_000 - 1_000 * 7 * 86_400));
        for text in ["2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "26-01-01", "today", ""]
        {
            assert_eq!(resolve(text), None, "{text}");
        }
    }
}

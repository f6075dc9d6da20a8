//! Quantities as text.

use nosana_protocol::units::BASE_UNITS_PER_NOS;

/// Characters that a shortened identifier keeps at each end.
const ID_END_CHARS: usize = 6;

/// Formats a number with its digits in groups of three: `1,234,567`.
pub fn format_thousands(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);

    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }

    grouped
}

/// Formats a number with its digits in groups of three, with two decimals unless it is whole:
/// `1,234`, `0.75`.
pub fn format_decimal(number: f64) -> String {
    let hundredths = (number.abs() * 100.0).round() as u64;
    let sign = if number < 0.0 && hundredths > 0 { "−" } else { "" };

    let whole = format_thousands(hundredths / 100);
    match hundredths % 100 {
        0 => format!("{sign}{whole}"),
        decimals => format!("{sign}{whole}.{decimals:02}"),
    }
}

/// Formats base units as NOS with all six decimals: `1,000.000050`.
pub fn format_nos(base_units: impl Into<u128>) -> String {
    let base_units = base_units.into();
    let per_nos = u128::from(BASE_UNITS_PER_NOS);
    format!("{}.{:06}", format_thousands(base_units / per_nos), base_units % per_nos)
}

/// Formats a change in base units as NOS with its sign; `0` if it is zero.
pub fn format_change(base_units: i128) -> String {
    match base_units {
        0 => "0".to_owned(),
        less if less < 0 => format!("−{}", format_nos(less.unsigned_abs())),
        more => format!("+{}", format_nos(more.unsigned_abs())),
    }
}

/// Formats milliseconds as seconds: `1.25`.
pub fn format_seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10)
}

/// Shortens an identifier to its ends: `QmT78z…F8ff5o`.
pub fn shorten_id(id: &str) -> String {
    let count = id.chars().count();
    if count <= 2 * ID_END_CHARS + 1 {
        return id.to_owned();
    }

    let head: String = id.chars().take(ID_END_CHARS).collect();
    let tail: String = id.chars().skip(count - ID_END_CHARS).collect();
    format!("{head}…{tail}")
}

/// Formats a small difference: `1.9e-7`.
pub fn format_difference(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") }
}

/// Formats a part of a whole as a percentage: `41.5 %`; `–` if the whole is zero.
pub fn format_percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", part as f64 / whole as f64 * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        let numbers = [
            (0_u64, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (22_147, "22,147"),
            (1_234_567, "1,234,567"),
        ];
        for (number, text) in numbers {
            assert_eq!(format_thousands(number), text);
        }
    }

    #[test]
    fn decimals_are_printed_unless_they_are_zero() {
        let numbers = [
            (0.0, "0"),
            (5_256.0, "5,256"),
            (2_132.5, "2,132.50"),
            (0.754, "0.75"),
            (-1.5, "−1.50"),
            (-0.001, "0"),
        ];
        for (number, text) in numbers {
            assert_eq!(format_decimal(number), text);
        }
    }

    #[test]
    fn all_decimals_are_printed() {
        assert_eq!(format_nos(0_u64), "0.000000");
        assert_eq!(format_nos(50_u64), "0.000050");
        assert_eq!(format_nos(100_000_000_001_u64), "100,000.000001");
        assert_eq!(format_change(-1_000_001), "−1.000001");
        assert_eq!(format_change(7), "+0.000007");
        assert_eq!(format_change(0), "0");
    }

    #[test]
    fn times_identifiers_percentages_and_differences() {
        assert_eq!(format_seconds(1_259), "1.25");
        assert_eq!(format_seconds(7), "0.00");
        assert_eq!(shorten_id("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"), "QmT78z…F8ff5o");
        assert_eq!(shorten_id("short"), "short");
        assert_eq!(format_percent(1, 8), "12.5 %");
        assert_eq!(format_percent(1, 0), "–");
        assert_eq!(format_difference(0.0), "0");
        assert_eq!(format_difference(1.94e-7), "1.9e-7");
    }
}

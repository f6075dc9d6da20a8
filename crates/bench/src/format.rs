//! Quantities as people read them.

/// Base units in one NOS.
const NOS: u128 = 1_000_000;
/// Characters that are kept of each end of an identifier.
const ENDS: usize = 6;

/// Digits in groups of three: `1,234,567`.
pub fn thousands(number: impl Into<u128>) -> String {
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

/// Base units as NOS with all six decimals: `1,000.000050`.
pub fn nos(base_units: impl Into<u128>) -> String {
    let base_units = base_units.into();
    format!("{}.{:06}", thousands(base_units / NOS), base_units % NOS)
}

/// A change in base units as NOS with its sign; `0` if there is none.
pub fn change(base_units: i128) -> String {
    match base_units {
        0 => "0".to_owned(),
        less if less < 0 => format!("−{}", nos(less.unsigned_abs())),
        more => format!("+{}", nos(more.unsigned_abs())),
    }
}

/// Milliseconds as seconds: `1.25`.
pub fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10)
}

/// An identifier by its ends: `QmT78z…8ff5o`.
pub fn short(id: &str) -> String {
    let count = id.chars().count();
    if count <= 2 * ENDS + 1 {
        return id.to_owned();
    }
    let head: String = id.chars().take(ENDS).collect();
    let tail: String = id.chars().skip(count - ENDS).collect();
    format!("{head}…{tail}")
}

/// A small difference: `1.9e-7`.
pub fn difference(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") }
}

/// A part of a whole as a percentage: `41.5 %`.
pub fn percent(part: u64, whole: u64) -> String {
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
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn no_base_unit_is_hidden() {
        assert_eq!(nos(0_u64), "0.000000");
        assert_eq!(nos(50_u64), "0.000050");
        assert_eq!(nos(100_000_000_001_u64), "100,000.000001");
        assert_eq!(change(-1_000_001), "−1.000001");
        assert_eq!(change(7), "+0.000007");
        assert_eq!(change(0), "0");
    }

    #[test]
    fn times_identifiers_parts_and_differences() {
        assert_eq!(seconds(1_259), "1.25");
        assert_eq!(seconds(7), "0.00");
        assert_eq!(short("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"), "QmT78z…F8ff5o");
        assert_eq!(short("short"), "short");
        assert_eq!(percent(1, 8), "12.5 %");
        assert_eq!(percent(1, 0), "–");
        assert_eq!((difference(0.0), difference(1.94e-7)), ("0".to_owned(), "1.9e-7".to_owned()));
    }
}

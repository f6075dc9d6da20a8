//! Sizes of files on the command line: `50GB`, `800MB`, `20GiB`, or bytes.

use std::{fmt, str::FromStr};

/// The units, the longest name first, so that `GiB` is not read as `B`.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("KB", 1_000),
    ("B", 1),
];
const BYTES_PER_GB: u64 = 1_000_000_000;
const BYTES_PER_MB: u64 = 1_000_000;

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub u64);

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = UNITS
            .iter()
            .find_map(|(name, bytes)| Some((text.strip_suffix(name)?, *bytes)))
            .unwrap_or((text, 1));

        let number = number.trim();
        let size = match number.split_once('.') {
            None => number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)),
            Some(_) => scale_fraction(number, unit),
        };
        size.map(Self)
            .ok_or_else(|| format!("`{text}` is not a valid size; use for instance 50GB or 800MB"))
    }
}

fn scale_fraction(number: &str, unit: u64) -> Option<u64> {
    let bytes = number.parse::<f64>().ok()? * unit as f64;
    (bytes.is_finite() && (0.0..1e18).contains(&bytes)).then_some(bytes as u64)
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes >= BYTES_PER_GB => {
                write!(f, "{:.1} GB", bytes as f64 / BYTES_PER_GB as f64)
            }
            bytes if bytes >= BYTES_PER_MB => write!(f, "{} MB", bytes / BYTES_PER_MB),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("50GB", 50_000_000_000),
            ("1.5 GB", 1_500_000_000),
            ("2GiB", 2 << 30),
            ("800MB", 800_000_000),
            ("123", 123),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "GB", "-1GB", "50 apples", "nan.0GB", "99999999999TB"] {
            assert!(text.parse::<ByteSize>().unwrap_err().contains("use for instance"), "{text}");
        }
        assert_eq!(ByteSize(98_362_432).to_string(), "98 MB");
        assert_eq!(ByteSize(50_000_000_000).to_string(), "50.0 GB");
    }
}

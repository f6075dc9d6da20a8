//! A sketch in a file: 64 hexadecimal digits.

use nosana_engine::Sketch;
use nosana_job_spec::Digest;
use serde::{Deserialize, Deserializer, Serializer, de};

/// Writes the digits.
pub fn serialize<S: Serializer>(sketch: &Sketch, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Digest(sketch.0))
}

/// Reads the digits.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sketch, D::Error> {
    let text = String::deserialize(deserializer)?;

    Digest::from_hex(&text)
        .map(|digest| Sketch(digest.0))
        .ok_or_else(|| de::Error::custom("a sketch has 64 lowercase hexadecimal digits"))
}

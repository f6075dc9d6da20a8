//! Times of a simulation, in nanoseconds since it began.

/// A time or a duration, in nanoseconds.
pub type Nanos = u64;

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: Nanos = 1_000_000_000;
const NANOS_PER_MS: Nanos = 1_000_000;

/// Converts seconds; negative ones become zero.
pub fn from_seconds(seconds: f64) -> Nanos {
    (seconds * NANOS_PER_SECOND as f64) as Nanos
}

/// Converts milliseconds.
pub const fn from_ms(ms: u64) -> Nanos {
    ms.saturating_mul(NANOS_PER_MS)
}

/// Converts to seconds.
pub const fn to_seconds(nanos: Nanos) -> f64 {
    nanos as f64 / NANOS_PER_SECOND as f64
}

//! Identifiers of responses, seeds, and the time.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{SystemTime, UNIX_EPOCH},
};

/// Returns an identifier that no other response has.
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}-{:016x}{:016x}", random_number(), random_number())
}

/// Returns the seed of a request that has none, so that equal requests get different answers.
pub(crate) fn random_seed() -> u32 {
    let [a, b, c, d, ..] = random_number().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The seconds since 1970.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs())
}

/// A number from the keys that the standard library draws for its hash maps.
fn random_number() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_seeds_differ() {
        let ids: std::collections::HashSet<String> = (0..100).map(|_| new_id("cmpl")).collect();
        assert_eq!(ids.len(), 100);
        assert!(ids.iter().all(|id| id.starts_with("cmpl-") && id.len() == 37));
        assert_ne!([random_seed(), random_seed()], [random_seed(), random_seed()]);
    }
}

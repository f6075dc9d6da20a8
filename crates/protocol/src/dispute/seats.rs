//! Which node may take a seat of a panel, and when.
//!
//! Each enrolled node has a score: `⌊(u64(sha2-256(seed ‖ node)) / 2) / weight⌋`, with the first
//! eight bytes of the digest as a little-endian number. It may take a seat once the threshold
//! `θ(t)`, `t` seconds after the draw, has reached its score:
//!
//! `θ(t) = 2^(13 + ⌊t / 4⌋) × [128, 152, 181, 215][t mod 4] / 128`, for `t` up to 195, and constant
//! from then on
//!
//! So the lowest scores come first, and the threshold doubles every four seconds: the factors are
//! 128 times the powers of the fourth root of two. The lowest of several scores is that of a node
//! with a probability close to the node's share of the weight (Efraimidis and Spirakis, "Weighted
//! random sampling with a reservoir", 2006, for exponential keys, to which small uniform ones come
//! close). Splitting a stake gains nothing for a seat. There is no registry, and no list to walk.

use crate::{Overflow, units::Seconds};

/// 128 times the powers of the fourth root of two.
const FACTORS: [u64; 4] = [128, 152, 181, 215];
/// The binary logarithm of the threshold at the draw, less the seven bits of [`FACTORS`].
const FIRST_SHIFT: u64 = 13 - 7;
/// From here on the threshold is constant: its binary logarithm is 61, and then some.
const LAST_SECOND: u64 = 4 * (61 - 13) + 3;

/// Returns the score of a node of `weight`, from the sha2-256 of seed and node. Fails without
/// weight.
pub fn seat_score(digest: &[u8; 32], weight: u64) -> Result<u64, Overflow> {
    let (head, _) = digest.split_first_chunk::<8>().ok_or(Overflow)?;
    (u64::from_le_bytes(*head) >> 1_u32).checked_div(weight).ok_or(Overflow)
}

/// Returns the highest score that may take a seat `elapsed` after the draw.
pub fn score_threshold(elapsed: Seconds) -> Result<u64, Overflow> {
    let seconds = elapsed.0.min(LAST_SECOND);
    let shift = (seconds >> 2_u32).checked_add(FIRST_SHIFT).ok_or(Overflow)?;
    let shift = u32::try_from(shift).map_err(|_| Overflow)?;
    let factor = usize::try_from(seconds & 3).ok().and_then(|at| FACTORS.get(at));

    factor.ok_or(Overflow)?.checked_shl(shift).ok_or(Overflow)
}

/// Returns the part of the digest's preimage: seed, then node.
pub const fn score_parts<'a>(seed: &'a [u8; 32], node: &'a [u8; 32]) -> [&'a [u8]; 2] {
    [seed, node]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn threshold(seconds: u64) -> u64 {
        score_threshold(Seconds(seconds)).unwrap()
    }

    #[test]
    fn the_threshold_doubles_every_four_seconds() {
        assert_eq!([0, 1, 2, 3, 4].map(threshold), [8_192, 9_728, 11_584, 13_760, 16_384]);
        for seconds in 0..=191 {
            assert_eq!(threshold(seconds + 4), 2 * threshold(seconds), "{seconds}");
        }
        assert_eq!(threshold(192), 1 << 61);
        assert_eq!(threshold(195), (1_u64 << 61) / 128 * 215);
    }

    #[test]
    fn the_threshold_never_falls() {
        for seconds in 0..1_000 {
            assert!(threshold(seconds) <= threshold(seconds + 1), "{seconds}");
        }
        assert_eq!(threshold(u64::MAX), threshold(195));
    }

    #[test]
    fn a_score_is_half_of_the_digest_divided_by_the_weight() {
        let mut digest = [0xff; 32];
        assert_eq!(seat_score(&digest, 1), Ok(u64::MAX >> 1));
        digest[..8].copy_from_slice(&1_000_001_u64.to_le_bytes());
        assert_eq!(seat_score(&digest, 1), Ok(500_000));
        assert_eq!(seat_score(&digest, 3), Ok(166_666));
        assert_eq!(seat_score(&digest, 0), Err(Overflow));
    }

    /// Numbers that look random: the splitmix64 generator.
    struct Digests(u64);

    impl Digests {
        fn next_digest(&mut self) -> [u8; 32] {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut value = self.0;
            value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&(value ^ (value >> 31)).to_le_bytes());
            digest
        }
    }

    /// The seconds at which nodes of these weights may take a seat, by one draw.
    fn seconds_of(weights: &[u64], digests: &mut Digests) -> Vec<u64> {
        let second_of = |score| (0..=LAST_SECOND).find(|second| score <= threshold(*second));
        weights
            .iter()
            .map(|weight| {
                let score = seat_score(&digests.next_digest(), *weight).unwrap();
                second_of(score).unwrap_or(u64::MAX)
            })
            .collect()
    }

    /// The nodes of a panel, if the first three who may take a seat do; of those who may in the
    /// same second, any.
    fn draw_panel(weights: &[u64], digests: &mut Digests) -> Vec<usize> {
        let seconds = seconds_of(weights, digests);
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_cached_key(|node| (seconds[*node], digests.next_digest()));
        order.truncate(3);
        order
    }

    /// For each number of seats, how many of 4,000 panels have that many of a group of nodes.
    fn panels_of(group: &[u64], others: &[u64]) -> [u64; 4] {
        let weights = [group, others].concat();
        let mut digests = Digests(7);
        let mut panels = [0; 4];
        for _ in 0..4_000 {
            let panel = draw_panel(&weights, &mut digests);
            panels[panel.iter().filter(|node| **node < group.len()).count()] += 1;
        }
        panels
    }

    #[test]
    fn a_share_of_the_weight_gets_as_large_a_share_of_the_seats() {
        const NOS: u64 = 4_000_000;
        let others: Vec<u64> = (1..=20).map(|node| node * 850 * NOS / 210).collect();
        // 15 % of the weight in ten nodes; then the same in one, which can have one seat at most.
        let split = panels_of(&[15 * NOS; 10], &others);
        let single = panels_of(&[150 * NOS], &others);
        let of_thousand =
            |panels: [u64; 4]| (panels[1] + 2 * panels[2] + 3 * panels[3]) * 1_000 / 12_000;
        assert!((140..=175).contains(&of_thousand(split)), "{}", of_thousand(split));
        assert!((150..=190).contains(&of_thousand(single)), "{}", of_thousand(single));
        // 3 × 0.15² × 0.85 + 0.15³ = 6 % of the panels have a majority of that share.
        let majorities = (split[2] + split[3]) * 1_000 / 4_000;
        assert!((45..=80).contains(&majorities), "{majorities}");
    }

    #[test]
    fn a_stake_of_one_nos_gets_its_turn_in_the_shortest_phase() {
        // The weight of one NOS for the shortest cooldown.
        let largest = seat_score(&[0xff; 32], 1_115_068).unwrap();
        assert!(largest <= threshold(120), "whatever its digest");
    }
}

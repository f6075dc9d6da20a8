//! Which node may take a seat of a panel, and when.
//!
//! Each enrolled node has a score: `⌊(u64(sha2-256(seed ‖ node)) / 2) / weight⌋`, with the first
//! eight bytes of the digest as a little-endian number. The three lowest scores that claim a seat
//! before the phase is over get them: a node without a free seat takes that of the highest score, if
//! its own is lower. So a head start gains nothing.
//!
//! A node is a *candidate* of a draw if `score × total ≤ 9 × 2^63`, with the weight of all enrolled
//! nodes. So each draw has some nine candidates, by weight, also if all others stay away: where a
//! client withholds the content of its job from them, its own few nodes rarely are two candidates.
//!
//! A candidate may take a seat once the threshold `θ(t)`, `t` seconds after the draw, has reached
//! its score:
//!
//! `θ(t) = 2^(13 + ⌊t / 4⌋) × [128, 152, 181, 215][t mod 4] / 128`, for `t` up to 195, and constant
//! from then on
//!
//! So the lowest scores come first, and few seats are taken twice. The threshold doubles every four
//! seconds: the factors are 128 times the powers of the fourth root of two. The lowest of several
//! scores is that of a node with a probability close to the node's share of the weight (Efraimidis
//! and Spirakis, "Weighted random sampling with a reservoir", 2006, for exponential keys, to which
//! small uniform ones come close). Splitting a stake gains nothing for a seat, and a claim
//! reads no list of nodes.

use super::PANEL_SEATS;
use crate::{Overflow, units::Seconds};

/// Candidates of a draw, on average.
pub const CANDIDATES: u64 = 9;

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

/// Returns true if a node with this score can take a seat at all, in a draw among enrolled nodes of
/// this total weight.
pub fn is_candidate(score: u64, total_weight: u64) -> bool {
    // 64 by 64 bits: the product fits, and so does the bound.
    let scaled = u128::from(score).wrapping_mul(total_weight.into());
    scaled <= u128::from(CANDIDATES).wrapping_shl(63)
}

/// Returns the seat for a node with this score: a free one, or that of the highest score, if the
/// node's is lower. `taken` are the scores of the seats that are taken.
pub fn find_seat(taken: &[Option<u64>; PANEL_SEATS], score: u64) -> Option<usize> {
    // Scores have 63 bits: a free seat is above each of them.
    let scores = taken.iter().map(|held| held.unwrap_or(u64::MAX)).enumerate();
    let (seat, highest) = scores.rev().max_by_key(|(_, held)| *held)?;
    (score < highest).then_some(seat)
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

    /// Seconds of the phase in which seats are taken, after the draw.
    const PHASE: u64 = 120;

    /// Nodes that take seats together.
    #[derive(Clone)]
    struct Group {
        weights: Vec<u64>,
        /// Seconds from a node's turn until its transaction lands.
        delay: u64,
    }

    /// A panel by one draw: each candidate claims as soon as it may, after its group's delay, and
    /// within a second in any order. Returns the numbers of the groups that have its seats.
    fn draw_panel(groups: &[Group], digests: &mut Digests) -> Vec<usize> {
        let total = groups.iter().flat_map(|group| &group.weights).sum();
        let mut claims = Vec::new();
        for (number, group) in groups.iter().enumerate() {
            for weight in &group.weights {
                let score = seat_score(&digests.next_digest(), *weight).unwrap();
                let turn = (0..=LAST_SECOND).find(|second| score <= threshold(*second));
                let lands = turn.map(|turn| turn + group.delay).filter(|lands| *lands <= PHASE);
                if let Some(lands) = lands.filter(|_| is_candidate(score, total)) {
                    claims.push((lands, digests.next_digest(), score, number));
                }
            }
        }

        claims.sort();
        let mut seats = [None; PANEL_SEATS];
        for (_, _, score, number) in claims {
            let taken = seats.map(|seat: Option<(u64, usize)>| seat.map(|(score, _)| score));
            if let Some(seat) = find_seat(&taken, score) {
                seats[seat] = Some((score, number));
            }
        }
        seats.iter().flatten().map(|(_, number)| *number).collect()
    }

    /// For each number of seats, how many of `draws` panels have that many of the first group.
    fn panels_of(groups: &[Group], draws: u32) -> [u32; 4] {
        let mut digests = Digests(7);
        let mut panels = [0; 4];
        for _ in 0..draws {
            let panel = draw_panel(groups, &mut digests);
            panels[panel.iter().filter(|group| **group == 0).count()] += 1;
        }
        panels
    }

    const NOS: u64 = 4_000_000;

    /// Twenty nodes with 850 NOS of weight together, that claim after `delay`.
    fn honest(delay: u64) -> Group {
        Group { weights: (1..=20).map(|node| node * 850 * NOS / 210).collect(), delay }
    }

    /// Ten nodes with this weight together, that claim at once.
    fn colluding(nos: u64) -> Group {
        Group { weights: Vec::from([nos * NOS / 10; 10]), delay: 0 }
    }

    #[test]
    fn a_share_of_the_weight_gets_as_large_a_share_of_the_seats() {
        // 15 % of the weight in ten nodes; then the same in one, which can have one seat at most.
        let split = panels_of(&[colluding(150), honest(0)], 4_000);
        let whole = Group { weights: Vec::from([150 * NOS]), delay: 0 };
        let single = panels_of(&[whole, honest(0)], 4_000);
        let of_thousand =
            |panels: [u32; 4]| (panels[1] + 2 * panels[2] + 3 * panels[3]) * 1_000 / 12_000;
        assert!((140..=175).contains(&of_thousand(split)), "{}", of_thousand(split));
        assert!((150..=190).contains(&of_thousand(single)), "{}", of_thousand(single));
        // 3 × 0.15² × 0.85 + 0.15³ = 6 % of the panels have a majority of that share.
        let majorities = (split[2] + split[3]) * 1_000 / 4_000;
        assert!((45..=80).contains(&majorities), "{majorities}");
    }

    /// A colluder needs no content of the job to claim, so it is quicker than an honest panelist.
    #[test]
    fn a_head_start_gains_nothing() {
        for (nos, most) in [(850 / 19, 20), (150, 80)] {
            for delay in [0, 15, 30] {
                let panels = panels_of(&[colluding(nos), honest(delay)], 4_000);
                let majorities = (panels[2] + panels[3]) * 1_000 / 4_000;
                assert!(majorities < most, "{nos} NOS, {delay} s: {majorities}");
            }
        }
    }

    /// Who withholds the content of a job from all others has two candidates in few draws.
    #[test]
    fn candidates_do_not_depend_on_who_stays_away() {
        let absent = Group { delay: 2 * PHASE, ..honest(0) };
        for (nos, range) in [(17, 5..=25), (45, 60..=95), (150, 350..=430)] {
            let panels = panels_of(&[colluding(nos), absent.clone()], 10_000);
            let decided = (panels[2] + panels[3]) * 1_000 / 10_000;
            assert!(range.contains(&decided), "{nos} NOS: {decided}");
        }
        // The honest ones alone fill their panels.
        let panels = panels_of(&[honest(15)], 10_000);
        assert!(panels[3] > 9_900 && panels[0] + panels[1] < 20, "{panels:?}");
    }

    #[test]
    fn candidates_have_a_bound_that_no_product_exceeds() {
        assert_eq!(CANDIDATES, 9);
        let most = 9_u64 << 55;
        assert!(is_candidate(most, 256) && !is_candidate(most + 1, 256));
        assert!(is_candidate(u64::MAX >> 1, 9) && is_candidate(u64::MAX >> 1, 0));
        assert!(!is_candidate(u64::MAX >> 1, 10));
        assert!(!is_candidate(u64::MAX >> 1, u64::MAX) && is_candidate(4, u64::MAX));
        assert!(!is_candidate(5, u64::MAX));
    }

    #[test]
    fn the_lowest_scores_keep_their_seats() {
        assert_eq!(find_seat(&[None; 3], 7), Some(0));
        assert_eq!(find_seat(&[Some(1), None, None], u64::MAX >> 1), Some(1));
        assert_eq!(find_seat(&[Some(1), None, Some(9)], 10), Some(1), "none is displaced");
        let full = [Some(4), Some(9), Some(6)];
        assert_eq!(find_seat(&full, 8), Some(1));
        assert_eq!(find_seat(&full, 9), None, "an equal score displaces none");
        assert_eq!(find_seat(&[Some(9); 3], 8), Some(0));
    }

    #[test]
    fn a_stake_of_one_nos_gets_its_turn_in_the_shortest_phase() {
        // The weight of one NOS for the shortest cooldown.
        let largest = seat_score(&[0xff; 32], 1_115_068).unwrap();
        assert!(largest <= threshold(120), "whatever its digest");
    }
}

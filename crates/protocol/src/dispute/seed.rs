//! Which slot's hash draws the panel.
//!
//! The seed comes from the sysvar `SlotHashes` in two steps. The first slot from [`FIRST_DELAY`]
//! slots after the challenge on decides, by the low five bits of its hash, which later slot's hash
//! is the seed. Skipped slots have no entry: "the slot from `n` on" is the first one that has.
//!
//! A leader can compute its block with many contents and publish the one whose hash suits it. The
//! two steps limit who can use this:
//!
//! | leads | can choose |
//! | --- | --- |
//! | the first slot | which slot is the seed, but not its hash |
//! | one of the 32 slots that can be the seed | the seed, once in 32 draws |
//! | both | both: the first hash so that its own slot is the seed, then the seed |
//!
//! The schedule of leaders is public, and the challenger picks the slot of its challenge. So a
//! validator that is also the challenger, or colludes with it, waits until it leads both.
//! docs/verification.md says how often that is, what else it needs, and what it gains.

use crate::Overflow;

/// Slots from the challenge to the first slot that can decide.
pub const FIRST_DELAY: u64 = 8;
/// Slots from the one that decides to the first one that can be the seed.
pub const SECOND_DELAY: u64 = 8;
/// The bits of the first hash that are added to [`SECOND_DELAY`].
const DELAY_BITS: u8 = 0b1_1111;

/// Bytes before the entries of the sysvar: their number.
const HEADER_LEN: usize = 8;
/// Bytes of an entry: slot and hash.
const ENTRY_LEN: usize = 40;

/// What the sysvar says about a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// The slot of the seed is still to come.
    TooEarly,
    /// The sysvar no longer reaches back to the first slot: the challenge counts anew from now.
    Forgotten,
    /// The seed: the hash of the second slot.
    Seed([u8; 32]),
}

/// Returns the seed of a challenge at `challenged`, from the bytes of the sysvar: a little-endian
/// number of entries, then the entries, slot before hash, newest first.
pub fn draw_seed(sysvar: &[u8], challenged: u64) -> Result<Draw, Overflow> {
    let Some((header, bytes)) = sysvar.split_first_chunk::<HEADER_LEN>() else {
        return Ok(Draw::TooEarly);
    };
    let (stored, _) = bytes.as_chunks::<ENTRY_LEN>();
    let count = usize::try_from(u64::from_le_bytes(*header)).map_err(|_| Overflow)?;
    let entries = stored.get(..count).unwrap_or(stored);

    let from = challenged.checked_add(FIRST_DELAY).ok_or(Overflow)?;
    let first = match first_from(entries, from) {
        Found::Entry(entry) => entry,
        Found::Later => return Ok(Draw::TooEarly),
        Found::Forgotten => return Ok(Draw::Forgotten),
    };

    let delay = first.hash.first().map_or(0, |byte| byte & DELAY_BITS);
    let from = first
        .slot
        .checked_add(SECOND_DELAY)
        .and_then(|slot| slot.checked_add(delay.into()))
        .ok_or(Overflow)?;
    Ok(match first_from(entries, from) {
        Found::Entry(entry) => Draw::Seed(entry.hash),
        Found::Later => Draw::TooEarly,
        Found::Forgotten => Draw::Forgotten,
    })
}

/// An entry of the sysvar.
struct Entry {
    slot: u64,
    hash: [u8; 32],
}

/// The first entry from some slot on.
enum Found {
    Entry(Entry),
    /// No slot from there on has an entry yet.
    Later,
    /// Older entries than the sysvar has may come first.
    Forgotten,
}

/// Returns the first entry from the slot `from` on.
fn first_from(entries: &[[u8; ENTRY_LEN]], from: u64) -> Found {
    let newer = entries.partition_point(|entry| slot_of(entry) >= from);
    let Some(entry) = newer.checked_sub(1).and_then(|last| entries.get(last)) else {
        return Found::Later;
    };

    let slot = slot_of(entry);
    if newer == entries.len() && slot > from {
        return Found::Forgotten;
    }
    match entry.last_chunk::<32>() {
        Some(hash) => Found::Entry(Entry { slot, hash: *hash }),
        None => Found::Later,
    }
}

/// Returns the slot of an entry.
fn slot_of(entry: &[u8; ENTRY_LEN]) -> u64 {
    entry.first_chunk::<8>().map_or(0, |slot| u64::from_le_bytes(*slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// The sysvar with these slots, whose hashes begin with the byte of `low`.
    fn sysvar(slots: impl DoubleEndedIterator<Item = u64>, low: u8) -> Vec<u8> {
        let entries: Vec<u8> = slots
            .rev()
            .flat_map(|slot| {
                let mut hash = [u8::try_from(slot % 251).unwrap(); 32];
                hash[0] = low;
                [&slot.to_le_bytes()[..], &hash].concat()
            })
            .collect();
        let count = u64::try_from(entries.len() / ENTRY_LEN).unwrap();
        [&count.to_le_bytes()[..], &entries].concat()
    }

    fn seed_of(slot: u64, low: u8) -> Draw {
        let mut hash = [u8::try_from(slot % 251).unwrap(); 32];
        hash[0] = low;
        Draw::Seed(hash)
    }

    #[test]
    fn the_first_hash_chooses_the_second_slot() {
        for (low, second) in [(0, 116), (1, 117), (31, 147), (32, 116), (0xff, 147)] {
            let all = sysvar(50..=200, low);
            assert_eq!(draw_seed(&all, 100), Ok(seed_of(second, low)), "{low}");
            let early = sysvar(50..second, low);
            assert_eq!(draw_seed(&early, 100), Ok(Draw::TooEarly), "{low}");
            let just = sysvar(50..=second, low);
            assert_eq!(draw_seed(&just, 100), Ok(seed_of(second, low)), "{low}");
        }
    }

    #[test]
    fn the_draw_waits_for_the_first_slot() {
        assert_eq!(draw_seed(&sysvar(50..=107, 0), 100), Ok(Draw::TooEarly));
        assert_eq!(draw_seed(&sysvar(0..0, 0), 100), Ok(Draw::TooEarly));
    }

    #[test]
    fn skipped_slots_have_no_entry() {
        let every_third = sysvar((50..=200).filter(|slot| slot % 3 == 0), 0);
        // From 108, which has one, to the first from 116 on.
        assert_eq!(draw_seed(&every_third, 100), Ok(seed_of(117, 0)));
        // From 109 on the first is 111; from 119 on it is 120.
        assert_eq!(draw_seed(&every_third, 101), Ok(seed_of(120, 0)));
    }

    #[test]
    fn what_the_sysvar_has_forgotten_decides_nothing() {
        assert_eq!(draw_seed(&sysvar(109..=700, 0), 100), Ok(Draw::Forgotten));
        assert_eq!(draw_seed(&sysvar(108..=619, 0), 100), Ok(seed_of(116, 0)), "just remembered");
        assert_eq!(draw_seed(&sysvar(300..=811, 0), 100), Ok(Draw::Forgotten));
    }

    #[test]
    fn the_result_does_not_depend_on_when_the_sysvar_is_read() {
        let expected = draw_seed(&sysvar(90..=160, 7), 100);
        for newest in 123..=600 {
            let oldest = newest - 500.min(newest);
            assert_eq!(draw_seed(&sysvar(oldest..=newest, 7), 100), expected, "{newest}");
        }
    }

    #[test]
    fn bytes_that_are_no_entries_are_not_read() {
        let mut all = sysvar(50..=200, 0);
        all.truncate(HEADER_LEN + 3 * ENTRY_LEN + 11);
        assert_eq!(draw_seed(&all, 190), Ok(Draw::TooEarly), "the third entry");
        assert_eq!(draw_seed(&all, 189), Ok(Draw::Forgotten), "an entry that is cut off");
        for end in 0..HEADER_LEN {
            assert_eq!(draw_seed(&all[..end], 100), Ok(Draw::TooEarly));
        }
        let mut short = sysvar(50..=200, 0);
        short[..8].copy_from_slice(&0_u64.to_le_bytes());
        assert_eq!(draw_seed(&short, 100), Ok(Draw::TooEarly), "more bytes than entries");
        assert_eq!(draw_seed(&sysvar(50..=200, 0), u64::MAX), Err(Overflow));
        assert_eq!(
            draw_seed(&sysvar(u64::MAX - 9..=u64::MAX, 31), u64::MAX - 17),
            Err(Overflow),
            "the second slot"
        );
    }
}

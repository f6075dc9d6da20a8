//! Inputs: equal in every run, with many numbers from the edges of their ranges.

use crate::cases::INPUT_LEN;

/// Numbers where arithmetic tends to be wrong.
const EDGES: [u64; 12] = [
    0,
    1,
    2,
    9_999,
    0x7f,
    0xff80,
    i32::MAX as u64,
    u32::MAX as u64,
    1 << 32,
    i64::MAX as u64,
    i64::MIN as u64,
    u64::MAX,
];

/// The input of a round. The first ones are all zeros and all ones; in the others every third
/// number is an edge.
pub fn input(round: u64) -> [u8; INPUT_LEN] {
    let mut bytes = [0; INPUT_LEN];
    match round {
        0 => {}
        1 => bytes.fill(0xff),
        _ => {
            let mut state = round;
            for word in bytes.as_chunks_mut::<8>().0 {
                *word = number(&mut state).to_le_bytes();
            }
        }
    }
    bytes
}

/// A number from the whole range, from a narrower one, or from the edges.
fn number(state: &mut u64) -> u64 {
    let value = mix(state);
    match mix(state) % 6 {
        0 | 1 => EDGES[(value % EDGES.len() as u64) as usize],
        2 => value >> (value % 64),
        _ => value,
    }
}

/// SplitMix64: a generator of one line that passes the usual tests of randomness.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut value = *state;
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

//! Memory: the compiler turns short copies into loops and long ones into calls of the virtual
//! machine. Both must give the same result.

use super::{Input, Outcome};

/// Lengths around the boundaries that an implementation is likely to have.
const LENGTHS: [usize; 14] = [0, 1, 3, 7, 8, 9, 15, 16, 31, 32, 33, 40, 64, 96];

#[inline(never)]
fn copy_bytes(to: &mut [u8], from: &[u8]) {
    to.copy_from_slice(from);
}

/// Returns a number that depends on every byte and its place.
fn hash_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Copies, aligned and unaligned; the bytes beside the copy must not change.
pub fn copy_every_length(input: &Input, outcome: &mut Outcome) {
    let shift = input.word_at(0) as usize % 16;

    for length in LENGTHS {
        let mut buffer = [0xa5; 128];
        copy_bytes(
            &mut buffer[shift + 1..shift + 1 + length],
            &input.bytes()[shift..shift + length],
        );
        outcome.put_word(hash_bytes(&buffer));
    }

    let mut key = [0; 32];
    copy_bytes(&mut key, &input.bytes()[shift..shift + 32]);
    let twice = [key, key];
    outcome.put_bytes(twice.as_flattened());
}

#[inline(never)]
fn shift_within(buffer: &mut [u8], from: usize, to: usize, length: usize) {
    buffer.copy_within(from..from + length, to);
}

/// Moves within one buffer, in both directions.
pub fn move_overlapping(input: &Input, outcome: &mut Outcome) {
    let a = input.word_at(0) as usize % 32;
    let b = input.word_at(1) as usize % 32;

    for length in LENGTHS {
        let mut buffer = *input.bytes();
        shift_within(&mut buffer, a, b, length);
        shift_within(&mut buffer, b / 2, a, length);
        outcome.put_word(hash_bytes(&buffer));
    }

    let mut words: [u64; 16] = core::array::from_fn(|index| input.word_at(index));
    words.rotate_left(a % 16);
    words[..8].reverse();
    words.swap(a % 16, b % 16);

    words.iter().for_each(|word| outcome.put_word(*word));
}

#[inline(never)]
fn compare_order(a: &[u8], b: &[u8]) -> i8 {
    a.cmp(b) as i8
}

#[inline(never)]
fn compare_equal(a: &[u8], b: &[u8]) -> bool {
    a == b
}

/// Fills, and comparisons of slices that differ in at most one byte.
pub fn fill_and_compare(input: &Input, outcome: &mut Outcome) {
    for length in LENGTHS {
        let mut other = *input.bytes();
        let place = input.word_at(length) as usize % 128;
        other[place] = input.word_at(length + 1) as u8;

        let mine = &input.bytes()[..length];
        let theirs = &other[..length];

        outcome.put_bytes(&[
            compare_order(mine, theirs) as u8,
            compare_order(theirs, mine) as u8,
            u8::from(compare_equal(mine, theirs)),
        ]);

        other[length / 2..length].fill(input.word_at(3) as u8);
        outcome.put_word(hash_bytes(&other));
    }

    let key =
        |at: usize| -> [u8; 32] { core::array::from_fn(|index| input.bytes()[(at + index) % 128]) };

    let a = key(input.word_at(0) as usize % 3);
    let b = key(input.word_at(1) as usize % 3);

    outcome.put_bytes(&[u8::from(a == b), a.cmp(&b) as u8, u8::from(a == [0; 32])]);
}

/// Sorting and searching numbers.
pub fn sort_numbers(input: &Input, outcome: &mut Outcome) {
    let mut words: [u64; 16] = core::array::from_fn(|index| input.word_at(index));
    words.sort_unstable();

    words.iter().for_each(|word| outcome.put_word(*word));
    outcome.put_word(
        words
            .binary_search(&input.word_at(5))
            .map_or(99, |place| u64::from(words[place] == input.word_at(5))),
    );

    words.sort_unstable_by_key(|word| (word % 7, core::cmp::Reverse(*word)));

    words.iter().for_each(|word| outcome.put_word(*word));

    let mut signed: [i32; 32] =
        core::array::from_fn(|index| (input.word_at(index / 2) >> (index % 2 * 32)) as i32);
    signed.sort_unstable();
    signed.iter().for_each(|number| outcome.put_bytes(&number.to_le_bytes()));
}

/// Sorting values of the size of an address.
pub fn sort_keys(input: &Input, outcome: &mut Outcome) {
    let mut keys: [[u8; 32]; 12] = core::array::from_fn(|key| {
        core::array::from_fn(|index| input.bytes()[(key * 7 + index) % 128])
    });

    keys.sort_unstable();
    keys.iter().for_each(|key| outcome.put_bytes(key));

    let largest = keys.iter().max_by_key(|key| (key[31], key[0]));
    outcome.put_bytes(largest.map_or(&[], |key| &key[..]));
}

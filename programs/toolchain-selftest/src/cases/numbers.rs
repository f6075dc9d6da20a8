//! Arithmetic: operations on 128 bits are calls into the compiler's library, and operations on
//! signed numbers need instructions of which the virtual machine lacks some.

use super::{Input, Outcome};

#[inline(never)]
fn checked_product(a: u64, b: u64) -> Option<u64> {
    a.checked_mul(b)
}

/// Returns the product and the operands, which are adjacent in memory: a result that overwrites one
/// of them is noticed.
#[inline(never)]
fn product_of(operands: &[u64; 2]) -> (Option<u64>, u64, u64) {
    (operands[0].checked_mul(operands[1]), operands[0], operands[1])
}

/// Checked operations on small and large numbers.
pub fn checked_u64(input: &Input, outcome: &mut Outcome) {
    for index in 0..8 {
        let a = input.word_at(2 * index);
        let b = input.word_at(2 * index + 1);

        outcome.put_option(checked_product(a, b));
        outcome.put_option(checked_product(a >> 32, b >> 33));

        let (result, first, second) = product_of(&[a >> (b % 64), b >> (a % 64)]);
        outcome.put_option(result);
        outcome.put_word(first ^ second.rotate_left(1));

        outcome.put_option(a.checked_add(b).and_then(|sum| sum.checked_sub(1)));
        outcome.put_option(a.checked_div(b).or(b.checked_rem(a)));
    }

    let small = input.word_at(0) % 100;
    outcome.put_option(small.checked_pow((input.word_at(1) % 12) as u32));
    outcome.put_word(input.word_at(2).saturating_mul(input.word_at(3)));
}

#[inline(never)]
fn shift_wide(value: u128, by: u32) -> (u128, u128, i128) {
    (value.wrapping_shl(by), value.wrapping_shr(by), (value as i128).wrapping_shr(by))
}

/// Every operation on unsigned wide numbers.
pub fn wide_unsigned(input: &Input, outcome: &mut Outcome) {
    for index in 0..4 {
        let a = input.wide_at(2 * index);
        let b = input.wide_at(2 * index + 1);

        let by = input.word_at(index) as u32;

        outcome.put_wide(a.wrapping_mul(b));
        outcome.put_wide_option(a.checked_mul(b >> 64));
        outcome.put_wide_option(a.checked_div(b).map(|quotient| quotient ^ a.wrapping_rem(b)));
        outcome.put_wide_option(a.checked_rem(b >> (by % 128)));

        let (left, right, signed) = shift_wide(a, by);
        outcome.put_wide(left ^ signed as u128);
        outcome.put_wide(right.wrapping_add(left));

        outcome.put_wide_option(a.checked_add(b));
        outcome.put_bytes(&[u8::from(a < b), a.leading_zeros() as u8, b.trailing_zeros() as u8]);
    }
}

/// Every operation on signed wide numbers.
pub fn wide_signed(input: &Input, outcome: &mut Outcome) {
    for index in 0..4 {
        let a = input.wide_at(2 * index) as i128;
        let b = input.wide_at(2 * index + 1) as i128;

        outcome.put_wide(a.wrapping_mul(b) as u128);
        outcome.put_wide_option(a.checked_mul(b >> 70).map(|product| product as u128));
        outcome.put_wide_option(a.checked_div(b).map(|quotient| quotient as u128));
        outcome.put_wide_option(a.checked_rem(b >> 33).map(|rest| rest as u128));
        outcome.put_wide_option(a.checked_sub(b).map(|difference| difference as u128));
        outcome
            .put_wide_option(a.checked_neg().map(|negated| negated.rem_euclid(1_000_007) as u128));

        outcome.put_bytes(&[u8::from(a < b), u8::from(a.is_negative())]);
    }
}

/// `amount × rate / scale`, as payouts and reward indexes are computed.
#[inline(never)]
fn split_share(amount: u64, rate: u64, scale: u64) -> Option<u64> {
    let exact = u128::from(amount).checked_mul(u128::from(rate))?.checked_div(u128::from(scale))?;

    u64::try_from(exact).ok()
}

#[inline(never)]
fn accrued_reward(weight: u64, index: u128, paid: u128) -> Option<u64> {
    let grown = index.checked_sub(paid)?;
    u128::from(weight).checked_mul(grown).map(|scaled| (scaled >> 64) as u64)
}

/// The arithmetic of settlements and rewards.
pub fn multiply_divide(input: &Input, outcome: &mut Outcome) {
    for index in 0..5 {
        let amount = input.word_at(3 * index);
        let rate = input.word_at(3 * index + 1);
        let scale = input.word_at(3 * index + 2);

        outcome.put_option(split_share(amount, rate, scale));
        outcome.put_option(split_share(amount, rate % 10_000, 10_000));
        outcome.put_option(accrued_reward(
            amount,
            input.wide_at(index) >> 3,
            input.wide_at(index + 1) >> 4,
        ));

        let duration = u128::from(rate % 31_536_000);
        let multiplier = duration * 1_000_000_000_000_000 / 10_512_000 + 1_000_000_000_000_000;
        outcome.put_wide(multiplier * u128::from(amount) / 1_000_000_000_000_000);
    }
}

/// Reads signed numbers from memory at their own width: a missing sign extension is noticed.
#[inline(never)]
fn signed_at(bytes: &[u8], at: usize) -> (i8, i16, i32, i64) {
    let take = |offset: usize| bytes.get(at + offset).copied().unwrap_or_default();
    let byte = take(0) as i8;
    let short = i16::from_le_bytes([take(1), take(2)]);
    let word = i32::from_le_bytes([take(3), take(4), take(5), take(6)]);

    (byte, short, word, i64::from(byte) * i64::from(short) + i64::from(word))
}

/// Operations on signed numbers of 8 to 64 bits, except division: BPF up to v3 has none, and the
/// upstream compiler reports an error for it. Programs divide unsigned or 128-bit numbers.
pub fn narrow_signed(input: &Input, outcome: &mut Outcome) {
    for at in (0..112).step_by(7) {
        let (byte, short, word, sum) = signed_at(input.bytes(), at);

        outcome.put_word(sum as u64);
        outcome.put_word(u64::from(word.unsigned_abs() / (u32::from(short.unsigned_abs()) + 1)));
        outcome.put_word(i64::from(word.wrapping_add(i32::from(byte)).wrapping_neg()) as u64);
        outcome
            .put_word((i64::from(short) >> (byte & 7)) as u64 ^ u64::from(word < i32::from(short)));
        outcome.put_bytes(&word.wrapping_mul(i32::from(short)).wrapping_shr(3).to_le_bytes());
    }

    let a = input.word_at(0) as i64;
    let b = input.word_at(1) as i64;

    outcome.put_option(a.checked_mul(b).map(|product| product as u64));
    outcome.put_option(a.checked_sub(b).map(|difference| difference as u64));
    outcome.put_word(
        a.abs_diff(b) ^ a.saturating_add(b) as u64 ^ a.clamp(-5, b.saturating_abs().max(0)) as u64,
    );
}

/// Counts, rotates and swaps bits.
pub fn bit_operations(input: &Input, outcome: &mut Outcome) {
    for index in 0..8 {
        let a = input.word_at(index);
        let b = input.word_at(index + 8);
        outcome.put_bytes(&[
            a.leading_zeros() as u8,
            a.trailing_zeros() as u8,
            a.count_ones() as u8,
        ]);
        outcome.put_bytes(&[(a as u32).leading_zeros() as u8, (b as u16).trailing_zeros() as u8]);

        outcome.put_word(a.rotate_right(b as u32) ^ b.swap_bytes());
        outcome.put_word(a.reverse_bits().wrapping_shl(b as u32) | a.wrapping_shr(b as u32));
        outcome.put_bytes(&(a as u32).rotate_left(b as u32 & 31).to_be_bytes());
        outcome.put_option(
            a.checked_next_power_of_two().and_then(|power| power.checked_ilog2()).map(u64::from),
        );
        outcome.put_word(a.isqrt());
    }
}

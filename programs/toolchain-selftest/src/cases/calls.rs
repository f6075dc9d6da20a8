//! Calls: the virtual machine has five argument registers, so further arguments and every struct
//! are passed through memory.

use super::{Input, Outcome};

/// A function with more arguments than there are registers.
type EightArguments = fn(u64, u64, u64, u64, u64, u64, u64, u64) -> u64;

/// No two arguments can be exchanged without changing the result.
#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn mix_polynomial(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64) -> u64 {
    [a, b, c, d, e, f, g, h]
        .iter()
        .fold(7, |sum: u64, each| sum.wrapping_mul(1_000_003).wrapping_add(*each))
}

#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn mix_rotations(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64) -> u64 {
    a ^ b.rotate_left(7)
        ^ c.rotate_left(14)
        ^ d.rotate_left(21)
        ^ e.rotate_left(28)
        ^ f.rotate_left(35)
        ^ g.rotate_left(42)
        ^ h.rotate_left(49)
}

/// Calls others with its arguments in another order, which must not overwrite its own.
#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn mix_reversed(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64) -> u64 {
    mix_polynomial(h, g, f, e, d, c, b, a)
        .wrapping_sub(mix_rotations(b, a, d, c, f, e, h, g))
        .wrapping_add(h)
}

#[inline(never)]
fn pick_mixer(number: u64) -> EightArguments {
    match number % 3 {
        0 => mix_polynomial,
        1 => mix_rotations,
        _ => mix_reversed,
    }
}

fn call_mixer(function: EightArguments, input: &Input, first: usize) -> u64 {
    let at = |offset| input.word_at(first + offset);
    function(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
}

/// Direct calls.
pub fn eight_directly(input: &Input, outcome: &mut Outcome) {
    let at = |index| input.word_at(index);
    outcome.put_word(mix_polynomial(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)));
    outcome.put_word(mix_rotations(at(8), at(9), at(10), at(11), at(12), at(13), at(14), at(15)));
    outcome.put_word(mix_reversed(at(3), at(1), at(4), at(1), at(5), at(9), at(2), at(6)));
}

/// Calls of a function that the input selects.
pub fn eight_through_pointer(input: &Input, outcome: &mut Outcome) {
    for first in 0..8 {
        outcome.put_word(call_mixer(pick_mixer(input.word_at(first)), input, first));
    }
}

#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn mix_widths(
    a: u8,
    b: i8,
    c: u16,
    d: i16,
    e: u32,
    f: i32,
    g: u64,
    h: i64,
    i: bool,
    j: u128,
) -> i128 {
    let narrow = i128::from(a) - i128::from(b) * 3 + i128::from(c) * 5 - i128::from(d) * 7;
    let middle = i128::from(e) * 11 - i128::from(f) * 13 + i128::from(g) * 17 - i128::from(h) * 19;

    narrow.wrapping_add(middle).wrapping_mul(if i { 1 } else { -1 }).wrapping_add(j as i128)
}

/// Arguments that are narrower and wider than a register.
pub fn every_width(input: &Input, outcome: &mut Outcome) {
    for first in 0..4 {
        let at = |offset| input.word_at(first * 4 + offset);
        let a = at(0);
        let b = at(1);
        let c = at(2);
        let d = at(3);

        let wide = input.wide_at(first);
        let sum = mix_widths(
            a as u8,
            b as i8,
            c as u16,
            d as i16,
            a as u32,
            b as i32,
            c,
            d as i64,
            a & 1 == 1,
            wide,
        );

        outcome.put_wide(sum as u128);
    }
}

/// Recurses. Each level has an array in its frame that the level below must not change.
#[inline(never)]
fn descend_frames(depth: u64, seed: u64, carry: u64) -> u64 {
    let mut frame = [0_u64; 24];
    for (index, slot) in frame.iter_mut().enumerate() {
        *slot = seed.rotate_left(index as u32).wrapping_add(depth);
    }

    let below = if depth == 0 {
        carry
    } else {
        descend_frames(depth - 1, seed ^ frame[depth as usize % 24], carry)
    };

    frame.iter().fold(below, |sum, slot| sum.wrapping_mul(3).wrapping_add(*slot))
}

/// A stack of many frames.
pub fn deep_recursion(input: &Input, outcome: &mut Outcome) {
    outcome.put_word(descend_frames(input.word_at(0) % 24, input.word_at(1), input.word_at(2)));
}

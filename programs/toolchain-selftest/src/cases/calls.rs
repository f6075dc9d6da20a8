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

/// Fits in two registers.
#[derive(Clone, Copy)]
struct Pair {
    low: u64,
    high: u64,
}

/// Too large for registers, with padding inside.
#[derive(Clone, Copy)]
struct Terms {
    price: u64,
    fee: u16,
    client: [u8; 32],
    paused: bool,
    escrow: u128,
    split: Pair,
}

#[inline(never)]
fn exchange_pairs(pair: Pair, more: Pair) -> Pair {
    Pair { low: pair.high.wrapping_add(more.low), high: pair.low ^ more.high }
}

#[inline(never)]
fn renew_terms(terms: Terms, pair: Pair, fee: u16) -> Terms {
    let mut client = terms.client;
    client.reverse();

    Terms {
        price: terms.price.wrapping_add(pair.low),
        fee: terms.fee.wrapping_mul(fee),
        client,
        paused: !terms.paused,
        escrow: terms.escrow.wrapping_sub(u128::from(pair.high)),
        split: exchange_pairs(pair, terms.split),
    }
}

#[inline(never)]
fn check_limit(terms: Terms, limit: u64) -> Result<Terms, (u64, u8)> {
    if terms.price > limit { Err((terms.price - limit, terms.client[0])) } else { Ok(terms) }
}

fn put_terms(terms: &Terms, outcome: &mut Outcome) {
    outcome.put_word(terms.price);
    outcome.put_word(u64::from(terms.fee));
    outcome.put_bytes(&terms.client);
    outcome.put_bytes(&[u8::from(terms.paused)]);
    outcome.put_wide(terms.escrow);
    outcome.put_word(terms.split.low);
    outcome.put_word(terms.split.high);
}

/// Structs as arguments, as return values, and in a `Result`.
pub fn structs_by_value(input: &Input, outcome: &mut Outcome) {
    let mut client = [0; 32];
    client.copy_from_slice(&input.bytes()[17..49]);

    let split = Pair { low: input.word_at(1), high: input.word_at(2) };

    let terms = Terms {
        price: input.word_at(0),
        fee: input.word_at(3) as u16,
        client,
        paused: true,
        escrow: input.wide_at(2),
        split,
    };

    let renewed = renew_terms(
        terms,
        exchange_pairs(split, Pair { low: 3, high: input.word_at(6) }),
        input.word_at(7) as u16,
    );

    put_terms(&renewed, outcome);
    put_terms(&terms, outcome);

    match check_limit(renewed, input.word_at(8)) {
        Ok(terms) => put_terms(&terms, outcome),
        Err((excess, first)) => {
            outcome.put_word(excess);
            outcome.put_bytes(&[first]);
        }
    }
}

trait Rule {
    fn apply_rule(&self, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64;
}

struct Weighted(u64);
struct Shifted(u32);

impl Rule for Weighted {
    #[inline(never)]
    fn apply_rule(&self, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
        [a, b, c, d, e, f].iter().fold(self.0, |sum, each| sum.wrapping_mul(31).wrapping_add(*each))
    }
}

impl Rule for Shifted {
    #[inline(never)]
    fn apply_rule(&self, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
        [a, b, c, d, e, f].iter().fold(1, |sum: u64, each| sum.rotate_left(self.0) ^ *each)
    }
}

#[inline(never)]
fn pick_rule<'a>(number: u64, weighted: &'a Weighted, shifted: &'a Shifted) -> &'a dyn Rule {
    if number & 1 == 0 { weighted } else { shifted }
}

/// Calls through a table of functions, which is in read-only data.
pub fn trait_objects(input: &Input, outcome: &mut Outcome) {
    let weighted = Weighted(input.word_at(0));
    let shifted = Shifted(input.word_at(1) as u32 % 64);

    for first in 2..8 {
        let at = |offset: usize| input.word_at(first + offset);
        outcome.put_word(pick_rule(at(0), &weighted, &shifted).apply_rule(
            at(1),
            at(2),
            at(3),
            at(4),
            at(5),
            at(6),
        ));
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

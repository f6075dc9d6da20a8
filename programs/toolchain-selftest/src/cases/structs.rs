//! Structs: passed and returned by value, and behind a trait object.

use super::{Input, Outcome};

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

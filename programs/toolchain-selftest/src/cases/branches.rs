//! Branches: matches on numbers and on enums, which the compiler turns into tables of constants.

use super::{Input, Outcome};

#[derive(Clone, Copy)]
enum Stage {
    Queued,
    Matched(u64),
    Running { since: i64, node: u32 },
    Submitted([u8; 4]),
    Settled,
}

#[inline(never)]
fn stage_of(number: u64, detail: u64) -> Stage {
    match number % 5 {
        0 => Stage::Queued,
        1 => Stage::Matched(detail),
        2 => Stage::Running { since: detail as i64, node: (number >> 7) as u32 },
        3 => Stage::Submitted((detail as u32).to_be_bytes()),
        _ => Stage::Settled,
    }
}

#[inline(never)]
fn describe_reason(number: u64) -> &'static str {
    match number % 9 {
        0 => "completed",
        1 => "cancelled",
        2 => "stopped by the client",
        3 => "no start",
        4 => "heartbeat lost",
        5 => "past the deadline",
        6 => "given up",
        7 => "rejected",
        _ => "out of attempts",
    }
}

/// Enums with contents, tables of constants, and strings.
pub fn enums_and_branches(input: &Input, outcome: &mut Outcome) {
    for index in 0..8 {
        let a = input.word_at(index);
        let b = input.word_at(15 - index);

        match stage_of(a, b) {
            Stage::Queued => outcome.put_word(1),
            Stage::Matched(node) => outcome.put_word(node),
            Stage::Running { since, node } => {
                outcome.put_word((since as u64).wrapping_sub(u64::from(node)))
            }
            Stage::Submitted(digest) => outcome.put_bytes(&digest),
            Stage::Settled => outcome.put_word(u64::MAX),
        }

        outcome.put_bytes(describe_reason(b).as_bytes());
    }
}

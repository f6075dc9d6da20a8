//! Judgments and payments, over all patterns of votes; phases, over sequences of acts.

mod example;
mod judgments;
mod payments;
mod phases;

use std::vec::Vec;

use super::{
    PANEL_SEATS,
    sketch::Sketch,
    votes::{Verdict, Vote},
};

/// The trace of the node, if it opens the one of its work.
const TRACE: Sketch = Sketch([0x0f; 32]);
/// Sketches that agree with no other.
const OTHERS: [Sketch; 3] = [Sketch([0xf0; 32]), Sketch([0x55; 32]), Sketch([0x99; 32])];

/// A sketch that agrees with `sketch` and is not equal to it.
fn close_to(sketch: Sketch) -> Sketch {
    let mut bytes = sketch.0;
    for byte in bytes.iter_mut().take(12) {
        *byte ^= 1;
    }
    Sketch(bytes)
}

/// All that one panelist can have said.
fn all_votes() -> Vec<Vote> {
    let sketches = [TRACE, close_to(TRACE), OTHERS[0], close_to(OTHERS[0]), OTHERS[1], OTHERS[2]];
    let verdicts = [Verdict::None, Verdict::Right, Verdict::Wrong, Verdict::NotDecidable];
    let mut all = Vec::from([Vote::Nobody, Vote::Silent, Vote::Hidden]);
    for verdict in verdicts {
        all.extend(sketches.map(|sketch| Vote::Revealed(verdict, sketch)));
    }
    all
}

/// All patterns of a panel's votes.
fn all_panels() -> impl Iterator<Item = [Vote; PANEL_SEATS]> {
    let all = all_votes();
    let count = all.len();
    (0..count.pow(3)).map(move |number| {
        [all[number / count / count], all[number / count % count], all[number % count]]
    })
}

fn right(sketch: Sketch) -> Vote {
    Vote::Revealed(Verdict::Right, sketch)
}

fn wrong(sketch: Sketch) -> Vote {
    Vote::Revealed(Verdict::Wrong, sketch)
}

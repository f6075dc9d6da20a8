//! Evidence that a model was really run: whether tokens are those that the model chooses, and a
//! sketch of values inside the model that its output does not hold.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`sketch`] | 256 bits of the states at eight places |
//! | [`seed`] | what chooses the directions of a job's sketches |
//! | [`answer_check`] | an answer read in one pass: the margin of each token, and the states |
//! | [`replay`] | an answer's text and end, made again from its tokens |
//! | [`text_check`] | a text read once: the states of its tokens |

mod answer_check;
mod replay;
mod seed;
mod sketch;
mod text_check;

pub use self::{
    answer_check::{AnswerEvidence, TokenMargin},
    replay::ReplayedAnswer,
    seed::sketch_seed,
    sketch::{SKETCH_BITS, STATE_PLACES, Sketch},
    text_check::TextEvidence,
};

/// The numbers of the tokens whose states are evidence: fixed fractions of the length, so that both
/// sides choose the same ones.
fn state_places(tokens: usize) -> impl Iterator<Item = usize> {
    let last = tokens.saturating_sub(1);
    (1..=STATE_PLACES).map(move |part| last * part / STATE_PLACES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_spread_to_the_last_token() {
        assert_eq!(state_places(17).collect::<Vec<_>>(), [2, 4, 6, 8, 10, 12, 14, 16]);
        assert_eq!(state_places(3).collect::<Vec<_>>(), [0, 0, 0, 1, 1, 1, 1, 2]);
        assert_eq!(state_places(0).collect::<Vec<_>>(), [0; 8]);
    }
}

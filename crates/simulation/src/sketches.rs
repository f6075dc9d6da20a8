//! The sketches of a simulated job: one of its work, which backends compute with small differences,
//! one that colluders have agreed upon, and guesses.

use nosana_protocol::dispute::{PANEL_SEATS, sketch::Sketch};

/// The bits by which a backend differs from the reference: the most that was measured.
const BACKEND_BITS: usize = 5;

/// The sketch of the work.
pub const WORK: Sketch = Sketch([0x0f; 32]);
/// A sketch that colluders share without work. It agrees with no other.
pub const SHARED: Sketch = Sketch([0x55; 32]);
/// What panelists without work guess, by seat. Each agrees with no other.
pub const GUESSES: [Sketch; PANEL_SEATS] =
    [Sketch([0xf0; 32]), Sketch([0x99; 32]), Sketch([0x3c; 32])];

/// Returns the sketch of the work by the backend of a panelist.
pub fn sketch_work(seat: usize) -> Sketch {
    let Sketch(mut bytes) = WORK;
    for byte in bytes.iter_mut().skip(seat * BACKEND_BITS).take(BACKEND_BITS) {
        *byte ^= 1;
    }
    Sketch(bytes)
}

/// Returns the guess of a panelist that has not worked.
pub fn guess_sketch(seat: usize) -> Sketch {
    let [first, ..] = GUESSES;
    GUESSES.get(seat).copied().unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sketches_of_the_work_agree() {
        for (seat, guess) in GUESSES.iter().enumerate() {
            assert!(sketch_work(seat).agrees_with(&WORK) && sketch_work(seat) != WORK);
            for (other, its) in GUESSES.iter().enumerate() {
                assert!(sketch_work(seat).agrees_with(&sketch_work(other)));
                assert!(!sketch_work(seat).agrees_with(its));
                assert_eq!(guess.agrees_with(its), seat == other);
            }
            assert!(!sketch_work(seat).agrees_with(&SHARED) && !guess.agrees_with(&SHARED));
        }
    }
}

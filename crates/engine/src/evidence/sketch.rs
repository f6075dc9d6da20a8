//! Sketches of a model's states: the signs of projections on random directions (SimHash, Charikar
//! 2002). Two runs of the same model agree in almost all bits although their devices round
//! differently; who did not run the model guesses about half of them.

use std::fmt;

use nosana_job_spec::Digest;

/// The bits of a sketch.
pub const SKETCH_BITS: u32 = 256;
/// The places whose states a sketch holds.
pub const STATE_PLACES: usize = 8;
/// The bits of one place.
const PLACE_BITS: usize = SKETCH_BITS as usize / STATE_PLACES;
/// The directions' coordinates that one digest gives: one bit each.
const DIGEST_BITS: usize = 256;

/// A sketch of a model's states at eight places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sketch(pub [u8; 32]);

impl Sketch {
    /// Sketches the states. The seed chooses the directions, so that no sketch can be computed without
    /// the states.
    pub fn of_states(seed: &[u8; 32], states: &[Vec<f32>]) -> Self {
        let mut bits = [0u8; 32];

        for (place, state) in states.iter().take(STATE_PLACES).enumerate() {
            for bit in 0..PLACE_BITS {
                let number = place * PLACE_BITS + bit;
                let is_positive = project_state(seed, number, state) > 0.0;
                if let Some(byte) = bits.get_mut(number / 8) {
                    *byte |= u8::from(is_positive) << (number % 8);
                }
            }
        }
        Self(bits)
    }

    /// The number of bits that differ.
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(one, other)| (one ^ other).count_ones()).sum()
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sketch({})", Digest(self.0))
    }
}

/// Projects a state on the direction with this number: each coordinate is 1 or -1. Adds in double
/// precision and in one order, so that equal states have equal projections everywhere.
fn project_state(seed: &[u8; 32], number: usize, state: &[f32]) -> f64 {
    let mut sum = 0.0;

    for (block, values) in state.chunks(DIGEST_BITS).enumerate() {
        let signs = direction_signs(seed, number, block);
        for (index, value) in values.iter().enumerate() {
            let byte = signs.get(index / 8).copied().unwrap_or_default();
            let is_negative = byte >> (index % 8) & 1 == 1;
            sum += if is_negative { -f64::from(*value) } else { f64::from(*value) };
        }
    }
    sum
}

fn direction_signs(seed: &[u8; 32], number: usize, block: usize) -> [u8; 32] {
    let mut bytes = [0u8; 48];
    let numbers = [number as u64, block as u64];
    let fields = seed.iter().copied().chain(numbers.into_iter().flat_map(u64::to_le_bytes));

    bytes.iter_mut().zip(fields).for_each(|(place, byte)| *place = byte);
    Digest::of(&bytes).0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn states(seed: u8) -> Vec<Vec<f32>> {
        let state = |place: usize| {
            let block = |block| direction_signs(&[seed; 32], place, block);
            (0..18).flat_map(block).map(|byte| f32::from(byte) - 127.5).collect()
        };
        (0..STATE_PLACES).map(state).collect()
    }

    #[test]
    fn equal_states_have_equal_sketches_and_others_differ_in_about_half_of_the_bits() {
        let seed = [7; 32];
        let one = Sketch::of_states(&seed, &states(1));
        assert_eq!(one, Sketch::of_states(&seed, &states(1)));

        let other = Sketch::of_states(&seed, &states(2));
        assert!((96..160).contains(&one.distance(&other)), "{}", one.distance(&other));
        let other_seed = Sketch::of_states(&[8; 32], &states(1));
        assert!((96..160).contains(&one.distance(&other_seed)));
    }

    #[test]
    fn rounding_changes_few_bits() {
        let rounded: Vec<Vec<f32>> = states(1)
            .into_iter()
            .map(|state| state.into_iter().map(|value| (value / 4.0).round() * 4.0).collect())
            .collect();
        let distance = Sketch::of_states(&[7; 32], &states(1))
            .distance(&Sketch::of_states(&[7; 32], &rounded));
        assert!(distance <= 8, "{distance}");
    }

    #[test]
    fn a_sketch_is_fixed() {
        let sketch = Sketch::of_states(&[7; 32], &states(1));
        assert_eq!(Sketch::of_states(&[7; 32], &[]).0, [0; 32]);
        assert_eq!(sketch.distance(&sketch), 0);
    }
}

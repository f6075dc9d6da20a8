//! Sketches: 256 bits by which a node or a panelist shows that it has done the work.
//!
//! A sketch is a SimHash (Charikar, "Similarity estimation techniques from rounding algorithms",
//! 2002): each bit is the sign of a random projection of hidden values that the result does not
//! contain. The share of bits in which two sketches differ is the angle between the values, divided
//! by π. So values that differ by rounding agree, and guesses do not.

/// The most bits in which two sketches of the same work may differ.
///
/// "Measured" in `docs/verification.md` has the bits in which honest runs differ, and those between
/// the work and that on another text.
pub const AGREE_BITS: u32 = 24;

/// A sketch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sketch(pub [u8; 32]);

impl Sketch {
    /// Returns the number of bits in which two sketches differ.
    pub fn differing_bits(&self, other: &Self) -> u32 {
        let (mine, _) = self.0.as_chunks::<8>();
        let (theirs, _) = other.0.as_chunks::<8>();
        let pairs = mine.iter().zip(theirs);
        pairs.map(|(a, b)| (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b)).count_ones()).sum()
    }

    /// Returns true if the sketches can be of the same work.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.differing_bits(other) <= AGREE_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flipped(sketch: Sketch, bits: usize) -> Sketch {
        let mut bytes = sketch.0;
        for bit in 0..bits {
            // 37 is prime to 256: every bit is flipped once.
            let at = bit * 37 % 256;
            bytes[at / 8] ^= 1 << (at % 8);
        }
        Sketch(bytes)
    }

    #[test]
    fn sketches_agree_up_to_the_bound() {
        assert_eq!(AGREE_BITS, 24);
        let sketch = Sketch([0xa7; 32]);
        assert!(sketch.agrees_with(&sketch));
        assert!(sketch.agrees_with(&flipped(sketch, 24)));
        assert!(!sketch.agrees_with(&flipped(sketch, 25)));
        assert!(!sketch.agrees_with(&flipped(sketch, 256)));
    }

    proptest! {
        #[test]
        fn every_flipped_bit_counts_once(bytes: [u8; 32], bits in 0..=256_usize) {
            let sketch = Sketch(bytes);
            let other = flipped(sketch, bits);
            prop_assert_eq!(sketch.differing_bits(&other), u32::try_from(bits).unwrap());
            prop_assert_eq!(other.differing_bits(&sketch), sketch.differing_bits(&other));
        }
    }
}

//! The output of an embedding, and the comparison of two outputs.

use serde::{Deserialize, Serialize};

/// The largest difference of any component between two honest embeddings of unit length.
///
/// Devices round differently, so digests of floating-point outputs differ between honest nodes. On
/// all-MiniLM-L6-v2, llama.cpp's CPU backend differs from double precision by 3e-4 at most, because
/// it reads the activation function (GELU) from a table in half precision; weights of 8 bits differ
/// by 3.6e-3. This bound accepts the first and rejects the second. (Cosine similarity does not
/// distinguish them.)
pub const EMBEDDING_BOUND: f64 = 1e-3;

/// One vector for each input, in the order of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingOutput {
    /// The length of each vector.
    pub dimensions: usize,
    /// The vectors.
    pub embeddings: Vec<Vec<f32>>,
}

/// The comparison of two outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The largest difference of two components; infinite if the outputs cannot be compared.
    pub max_difference: f64,
    /// Whether that is within the bound.
    pub agrees: bool,
}

impl EmbeddingOutput {
    /// An output with these vectors. Its `dimensions` are the first one's length.
    pub fn new(embeddings: Vec<Vec<f32>>) -> Self {
        Self { dimensions: embeddings.first().map_or(0, Vec::len), embeddings }
    }

    /// Whether there are `inputs` vectors of the declared length, all of them finite and not zero.
    pub fn is_well_formed(&self, inputs: usize) -> bool {
        self.dimensions > 0
            && self.embeddings.len() == inputs
            && self
                .embeddings
                .iter()
                .all(|vector| vector.len() == self.dimensions && scale_to_unit(vector).is_some())
    }

    /// Compares by value: scales every vector to unit length in double precision and checks that
    /// the largest difference of any component is within `bound` (see [`EMBEDDING_BOUND`]).
    ///
    /// Outputs of different shapes, or with zero, infinite or undefined vectors, agree with no
    /// output.
    pub fn agrees_with(&self, other: &Self, bound: f64) -> Comparison {
        let max_difference = self.max_difference(other).unwrap_or(f64::INFINITY);
        Comparison { max_difference, agrees: max_difference <= bound }
    }

    fn max_difference(&self, other: &Self) -> Option<f64> {
        let inputs = self.embeddings.len();

        if inputs == 0 || self.dimensions != other.dimensions {
            return None;
        }
        if !self.is_well_formed(inputs) || !other.is_well_formed(inputs) {
            return None;
        }

        let mut largest = 0.0f64;

        for (a, b) in self.embeddings.iter().zip(&other.embeddings) {
            for (a, b) in scale_to_unit(a)?.zip(scale_to_unit(b)?) {
                largest = largest.max((a - b).abs());
            }
        }
        Some(largest)
    }
}

/// The vector scaled to unit length; `None` if its length is zero or not finite.
fn scale_to_unit(vector: &[f32]) -> Option<impl Iterator<Item = f64>> {
    let norm = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();

    (norm.is_finite() && norm > 0.0).then(|| vector.iter().map(move |&x| f64::from(x) / norm))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output() -> EmbeddingOutput {
        EmbeddingOutput::new(vec![vec![0.6, 0.8, 0.0], vec![0.0, 0.28, -0.96]])
    }

    #[test]
    fn length_does_not_matter_but_direction_does() {
        let mut other = output();
        other.embeddings[1].iter_mut().for_each(|x| *x *= 1.001);
        let comparison = output().agrees_with(&other, EMBEDDING_BOUND);
        assert!(comparison.agrees && comparison.max_difference < 1e-7, "{comparison:?}");

        other.embeddings[0][2] = 2e-3;
        let comparison = output().agrees_with(&other, EMBEDDING_BOUND);
        assert!(
            !comparison.agrees && (comparison.max_difference - 2e-3).abs() < 1e-8,
            "{comparison:?}"
        );
        assert!(output().agrees_with(&other, 3e-3).agrees);
    }

    #[test]
    fn what_cannot_be_compared_agrees_with_nothing() {
        let broken: [fn(&mut EmbeddingOutput); 6] = [
            |o| o.dimensions = 4,
            |o| o.embeddings.truncate(1),
            |o| o.embeddings[0].truncate(2),
            |o| o.embeddings[0] = vec![0.0; 3],
            |o| o.embeddings[0][0] = f32::NAN,
            |o| o.embeddings[0][0] = f32::INFINITY,
        ];
        for damage in broken {
            let mut other = output();
            damage(&mut other);
            for comparison in [output().agrees_with(&other, 1.0), other.agrees_with(&output(), 1.0)]
            {
                assert_eq!(comparison, Comparison { max_difference: f64::INFINITY, agrees: false });
            }
        }
        let empty = EmbeddingOutput::new(vec![]);
        assert!(!empty.agrees_with(&empty, 1.0).agrees);
        assert!(
            !empty.is_well_formed(0) && output().is_well_formed(2) && !output().is_well_formed(1)
        );
    }

    #[test]
    fn json_keeps_every_bit() {
        let values = vec![0.1, -1.0e-7, 0.333_333_34, f32::MIN_POSITIVE, 1.0];
        let json = serde_json::to_string(&EmbeddingOutput::new(vec![values.clone()])).unwrap();
        let back: EmbeddingOutput = serde_json::from_str(&json).unwrap();
        assert_eq!(back.embeddings[0], values);
        assert_eq!(back.dimensions, 5);
    }
}

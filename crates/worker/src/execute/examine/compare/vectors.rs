//! The vectors of two embeddings of the same texts.

use nosana_job_spec::{Comparison, EMBEDDING_BOUND, EmbeddingOutput};

use super::ResultComparison;

/// The largest difference of two right vectors: each may differ from a panelist's by the bound.
const TWIN_EMBEDDING_BOUND: f64 = 2.0 * EMBEDDING_BOUND;

/// Compares the vectors of two results.
pub(super) fn compare_vectors(
    first: &EmbeddingOutput,
    second: &EmbeddingOutput,
) -> ResultComparison {
    let Comparison { max_difference, agrees } = first.agrees_with(second, EMBEDDING_BOUND);
    if agrees {
        return ResultComparison::Same;
    }

    let difference = format!("a vector differs by {max_difference:.1e}");
    if max_difference > TWIN_EMBEDDING_BOUND {
        return ResultComparison::Differing(format!(
            "{difference}, and two right ones differ by {TWIN_EMBEDDING_BOUND:.0e} at most"
        ));
    }
    ResultComparison::Unclear(format!(
        "{difference}: more than the bound of {EMBEDDING_BOUND:.0e} for one result, and not more \
         than {TWIN_EMBEDDING_BOUND:.0e}, by which two right ones can differ"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(x: f32) -> EmbeddingOutput {
        EmbeddingOutput::new(vec![vec![x, (1.0 - x * x).sqrt()]])
    }

    #[test]
    fn vectors_differ_only_beyond_twice_the_bound() {
        let first = vector(0.1);
        let compare = |x| compare_vectors(&first, &vector(x));
        assert_eq!(compare(0.1009), ResultComparison::Same);
        let between = compare(0.1015);
        assert!(matches!(between, ResultComparison::Unclear(_)), "{between:?}");
        let beyond = compare(0.1021);
        assert!(matches!(beyond, ResultComparison::Differing(_)), "{beyond:?}");

        let longer = EmbeddingOutput::new(vec![vec![0.6, 0.8, 0.0]]);
        let found = compare_vectors(&first, &longer);
        assert!(matches!(found, ResultComparison::Differing(_)), "{found:?}");
    }
}

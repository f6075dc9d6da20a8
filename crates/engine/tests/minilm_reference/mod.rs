//! Vectors of all-MiniLM-L6-v2 by an independent computation, and how far a device is from them.
//!
//! `data/minilm-reference.json` was computed in double precision by a separate program: about forty
//! lines of numpy that read the same safetensors file and follow BERT's definition (erf GELU,
//! epsilon 1e-12, mean over all tokens, unit length), tokens from the Python package `tokenizers`.
//! It is rounded to nine decimals.

use nosana_engine::{Embedder, LongText};
use serde::Deserialize;

/// A text with its vector in double precision.
#[derive(Deserialize)]
pub struct Reference {
    pub text: String,
    tokens: usize,
    embedding: Vec<f64>,
}

pub fn read_references() -> Vec<Reference> {
    serde_json::from_str(include_str!("../data/minilm-reference.json")).unwrap()
}

/// Embeds the texts of the references. Returns their vectors, and the largest difference of a
/// component from double precision.
pub fn embed_references(embedder: &Embedder) -> (Vec<Vec<f32>>, f64) {
    let references = read_references();
    let texts: Vec<&str> = references.iter().map(|reference| reference.text.as_str()).collect();
    let vectors = embedder.embed(&texts, LongText::Refuse, || true).unwrap();
    assert!(!references.is_empty() && vectors.len() == references.len());

    let mut largest = 0.0f64;
    for (reference, vector) in references.iter().zip(&vectors) {
        assert_eq!(embedder.token_ids(&reference.text).len(), reference.tokens);
        assert_eq!(vector.len(), reference.embedding.len());
        for (expected, actual) in reference.embedding.iter().zip(vector) {
            largest = largest.max((expected - f64::from(*actual)).abs());
        }
    }
    (vectors, largest)
}

//! Inference by the real model on this machine's graphics adapter, against an independent
//! computation.
//!
//! `data/minilm-reference.json` was computed in double precision by a separate program: about forty
//! lines of numpy that read the same safetensors file and follow BERT's definition (erf GELU,
//! epsilon 1e-12, mean over all tokens, unit length), tokens from the Python package `tokenizers`.
//! It is rounded to nine decimals.

use std::sync::OnceLock;
use std::time::Instant;

use nosana_engine::{
    ALL_MINILM_L6_V2, Embedder, Gpu, HardwareCommitment, MAX_TEXT_TOKENS, ModelStore, run_benchmark,
};
use nosana_job_spec::{EMBEDDING_BOUND, EmbeddingOutput};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    text: String,
    tokens: usize,
    embedding: Vec<f64>,
}

fn references() -> Vec<Reference> {
    serde_json::from_str(include_str!("data/minilm-reference.json")).unwrap()
}

/// One loaded model for all tests of this process. The first run on a machine fetches 84 MB.
fn embedder() -> &'static Embedder {
    static EMBEDDER: OnceLock<Embedder> = OnceLock::new();
    EMBEDDER.get_or_init(|| {
        let start = Instant::now();
        let gpu = Gpu::open().unwrap();
        println!("device: {} after {:?}", gpu.info(), start.elapsed());
        let folder = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
        println!("model checked after {:?}", start.elapsed());
        let embedder = Embedder::load(&folder, &gpu).unwrap();
        println!("model loaded after {:?}", start.elapsed());
        embedder
    })
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[test]
fn vectors_are_close_to_the_reference() {
    let references = references();
    let texts: Vec<String> = references.iter().map(|reference| reference.text.clone()).collect();

    let start = Instant::now();
    let vectors = embedder().embed(&texts).unwrap();
    println!("three sentences after {:?}", start.elapsed());

    let mut largest = 0.0f64;
    for (reference, vector) in references.iter().zip(&vectors) {
        assert_eq!(embedder().token_ids(&reference.text).unwrap().len(), reference.tokens);
        assert_eq!(reference.embedding.len(), vector.len());
        assert!((dot(vector, vector) - 1.0).abs() < 1e-6);
        for (expected, actual) in reference.embedding.iter().zip(vector) {
            largest = largest.max((expected - f64::from(*actual)).abs());
        }
    }
    println!("largest error against double precision: {largest:.1e}");
    assert!(largest < EMBEDDING_BOUND, "{largest}");

    // The cat and the kitten are alike; the central bank is neither.
    let [cat, kitten, bank] = [&vectors[0], &vectors[1], &vectors[2]];
    assert!((dot(cat, kitten) - 0.762_919_67).abs() < 1e-5);
    assert!(dot(cat, kitten) > 0.7 && dot(cat, bank) < 0.1 && dot(kitten, bank) < 0.1);

    // Equal bit for bit in another order and in other batches, and compared as nodes compare
    // outputs.
    let start = Instant::now();
    let again: Vec<_> =
        texts.iter().rev().map(|text| embedder().embed_one(text).unwrap()).collect();
    println!("three sentences again after {:?}", start.elapsed());
    assert!(again.iter().rev().eq(&vectors));
    let output =
        |vectors: &[[f32; 384]]| EmbeddingOutput::new(vectors.iter().map(|v| v.to_vec()).collect());
    assert_eq!(
        output(&vectors).agrees_with(&output(&vectors), EMBEDDING_BOUND).max_difference,
        0.0
    );
    assert!(!output(&vectors).agrees_with(&output(&again), EMBEDDING_BOUND).agrees);
}

#[test]
fn long_texts_are_cut_and_unusual_ones_have_vectors() {
    let long = "word ".repeat(400);
    assert_eq!(embedder().token_ids(&long).unwrap().len(), MAX_TEXT_TOKENS);
    for text in ["", "日本語 🦀"] {
        let vector = embedder().embed_one(text).unwrap();
        assert!((dot(&vector, &vector) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn the_longest_text_is_close_to_the_reference() {
    let start = Instant::now();
    let vector = embedder().embed_one(&"word ".repeat(400)).unwrap();
    println!("256 tokens after {:?}", start.elapsed());
    // The beginning of the vector that the reference program computes for this text.
    for (expected, actual) in
        [-0.008_123_66, -0.095_585_98, -0.038_673_15, 0.049_661_98].iter().zip(vector)
    {
        assert!((expected - f64::from(actual)).abs() < EMBEDDING_BOUND, "{expected} {actual}");
    }
}

#[test]
fn the_benchmark_measures_and_commits() {
    let gpu = Gpu::open().unwrap();
    let benchmark = run_benchmark(&gpu).unwrap();
    println!("{benchmark:?}");
    assert!(
        benchmark
            .products
            .iter()
            .all(|product| product.gflops > 0.0 && product.median_seconds > 0.0)
    );
    assert!(benchmark.bandwidth.gigabytes_per_second > 0.0);
    assert!(benchmark.bandwidth.bytes > 1 << 24);
    assert!(benchmark.memory.mib >= 64);

    let commitment = HardwareCommitment::new([(gpu.info(), &benchmark)]);
    println!("{} {}", commitment.canonical_json().unwrap(), commitment.digest().unwrap());
    assert_eq!(commitment.adapter, gpu.info().name);
}

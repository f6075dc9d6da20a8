//! Vectors and sketches of texts.

use std::path::Path;

use anyhow::{Context, Result};
use nosana_engine::{Device, Embedder, LongText, Sketch};
use nosana_job_spec::{Digest, EMBEDDING_BOUND};

use super::{
    Variant,
    case::{Bounds, Case, Run},
    claims::{COPIED, CUT_WORD, Claim, HALF_TEXT, TEXT_CHEATS, find_claim},
    report::AGREE_BITS,
    ways::HonestWay,
};
use crate::progress::Part;

/// The bounds of embeddings.
const BOUNDS: Bounds = Bounds { deviation: EMBEDDING_BOUND, bits: AGREE_BITS };

/// A text's vector, and the sketch of its states.
struct Embedded {
    vector: Vec<f32>,
    sketch: Sketch,
}

/// Compares every way to embed the texts with the reference.
pub fn measure(
    model: &Path,
    texts: &[String],
    reference: &Device,
    ways: &[HonestWay],
    variants: &[Variant],
    part: &Part,
) -> Result<Vec<Case>> {
    part.set_step(format!("on {}", reference.info()));
    let embedder = Embedder::load(model, reference)?;
    let expected = embed_texts(&embedder, texts, |text| text.to_owned())?;

    let mut cases = Vec::new();
    let mut add = |name: &str, claim, found: Vec<Embedded>| {
        let runs: Vec<Run> = expected.iter().zip(&found).map(compare).collect();
        cases.push(Case::from_runs(name, claim, &runs, BOUNDS));
    };

    let honest = (Claim::Honest, "");
    add("the same device again", honest, embed_texts(&embedder, texts, str::to_owned)?);
    for way in ways {
        part.set_step(way.name.clone());
        let other = Embedder::load(model, &way.device)?;
        add(&way.name, honest, embed_texts(&other, texts, str::to_owned)?);
    }

    let claim_of = |name: &str| find_claim(TEXT_CHEATS, name);
    for variant in variants {
        part.set_step(variant.name.clone());
        let other = Embedder::load(&variant.path, reference)
            .with_context(|| format!("the variant {}", variant.path.display()))?;
        let found = embed_texts(&other, texts, str::to_owned)?;
        add(&variant.name, claim_of(&variant.name), found);
    }

    part.set_step("cut and other texts");
    add(CUT_WORD, claim_of(CUT_WORD), embed_texts(&embedder, texts, cut_word)?);
    add(HALF_TEXT, claim_of(HALF_TEXT), embed_texts(&embedder, texts, cut_half)?);
    let rotated: Vec<String> = texts.iter().cycle().skip(1).take(texts.len()).cloned().collect();
    let copied = embed_rotated(&embedder, texts, &rotated)?;
    add(COPIED, claim_of(COPIED), copied);
    Ok(cases)
}

/// Embeds what `change` makes of each text. The seed of the sketch is the text's.
fn embed_texts(
    embedder: &Embedder,
    texts: &[String],
    change: impl Fn(&str) -> String,
) -> Result<Vec<Embedded>> {
    texts.iter().map(|text| embed_text(embedder, text, &change(text))).collect()
}

/// The right vectors, and the sketches of other texts.
fn embed_rotated(
    embedder: &Embedder,
    texts: &[String],
    others: &[String],
) -> Result<Vec<Embedded>> {
    let embed = |(text, other): (&String, &String)| {
        let vector = embed_text(embedder, text, text)?.vector;
        Ok(Embedded { vector, sketch: embed_text(embedder, text, other)?.sketch })
    };
    texts.iter().zip(others).map(embed).collect()
}

fn embed_text(embedder: &Embedder, named: &str, text: &str) -> Result<Embedded> {
    let mut vectors = embedder.embed(&[text], LongText::Refuse, || true)?;
    let states = embedder.check_text(text, LongText::Refuse)?.states;
    let seed = Digest::of(named.as_bytes()).0;

    Ok(Embedded {
        vector: vectors.pop().context("a text has no vector")?,
        sketch: Sketch::of_states(&seed, &states),
    })
}

fn compare((expected, found): (&Embedded, &Embedded)) -> Run {
    let differences = expected.vector.iter().zip(&found.vector);
    let largest = differences.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
    Run { deviation: largest.into(), bits: expected.sketch.distance(&found.sketch) }
}

fn cut_word(text: &str) -> String {
    text.rsplit_once(' ').map_or(text, |(rest, _)| rest).to_owned()
}

fn cut_half(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    words.get(..words.len().div_ceil(2)).unwrap_or_default().join(" ")
}

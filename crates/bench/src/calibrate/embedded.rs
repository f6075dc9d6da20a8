//! A text's vector and sketch: how a node makes them, and how a panelist judges them.

use anyhow::{Context, Result};
use nosana_engine::{Embedder, LongText, Sketch};
use nosana_job_spec::{Digest, EMBEDDING_BOUND, EmbeddingOutput};
use serde::{Deserialize, Serialize};

use super::case::Run;

/// A text's vector, and the sketch of its states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedded {
    pub vector: Vec<f32>,
    #[serde(with = "super::sketch_text")]
    pub sketch: Sketch,
}

/// Embeds what `change` makes of each text. The seed of the sketch is the text's.
pub fn embed_texts(
    embedder: &Embedder,
    texts: &[String],
    change: impl Fn(&str) -> String,
) -> Result<Vec<Embedded>> {
    texts.iter().map(|text| embed_text(embedder, text, &change(text))).collect()
}

/// Makes the right vectors, and the sketches of other texts.
pub fn embed_rotated(
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

/// Compares what a node made of each text with what the reference made of it.
pub fn judge_texts(expected: &[Embedded], found: &[Embedded]) -> Vec<Run> {
    expected.iter().zip(found).map(|(expected, found)| judge_text(expected, found)).collect()
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

fn judge_text(expected: &Embedded, found: &Embedded) -> Run {
    let output = |embedded: &Embedded| EmbeddingOutput::new(vec![embedded.vector.clone()]);
    let comparison = output(found).agrees_with(&output(expected), EMBEDDING_BOUND);

    Run { deviation: comparison.max_difference, bits: expected.sketch.distance(&found.sketch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_sketches_are_compared_text_by_text() {
        let embedded = |vector: [f32; 2], first_byte: u8| {
            let mut sketch = Sketch([0; 32]);
            sketch.0[0] = first_byte;
            Embedded { vector: vector.to_vec(), sketch }
        };
        let expected = [embedded([0.6, 0.8], 0), embedded([1.0, 0.0], 1)];
        assert_eq!(judge_texts(&expected, &expected), [Run { deviation: 0.0, bits: 0 }; 2]);

        let found = [embedded([0.6, 0.8], 7), embedded([1.0, 2e-3], 1)];
        let runs = judge_texts(&expected, &found);
        assert_eq!(runs[0], Run { deviation: 0.0, bits: 3 });
        assert!((runs[1].deviation - 2e-3).abs() < 1e-6 && runs[1].bits == 0, "{runs:?}");

        let broken = [embedded([f32::NAN, 0.8], 0)];
        assert_eq!(judge_texts(&expected, &broken)[0].deviation, f64::INFINITY);
    }
}

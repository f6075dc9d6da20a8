//! Every way to embed the texts, compared with the reference.

use std::path::Path;

use anyhow::{Context, Result};
use nosana_engine::{Device, Embedder};
use nosana_job_spec::EMBEDDING_BOUND;

use super::{
    case::{Bounds, Case},
    claims::{COPIED, CUT_WORD, Claim, HALF_TEXT, HONEST, TEXT_CHEATS, find_claim},
    embedded::{Embedded, embed_rotated, embed_texts, judge_texts},
    plan::{OwnWays, Plan},
    report::AGREE_BITS,
};
use crate::progress::Part;

/// The bounds of embeddings.
const BOUNDS: Bounds = Bounds { deviation: EMBEDDING_BOUND, bits: AGREE_BITS };

/// What the reference makes of the texts.
struct Reference<'a> {
    model: &'a Path,
    device: &'a Device,
    embedder: Embedder,
    texts: &'a [String],
    expected: Vec<Embedded>,
}

/// Compares every way of the plan to embed the texts with the reference.
pub fn measure(model: &Path, texts: &[String], plan: &Plan<'_>, part: &Part) -> Result<Vec<Case>> {
    let device = plan.reference;
    part.set_step(format!("on {}", device.info()));
    let embedder = Embedder::load(model, device)?;
    let expected = embed_texts(&embedder, texts, str::to_owned)?;
    let reference = Reference { model, device, embedder, texts, expected };

    let again = embed_texts(&reference.embedder, texts, str::to_owned)?;
    let mut cases = vec![reference.compare("the same device again", HONEST, &again)];
    for foreign in plan.foreign {
        cases.push(reference.compare(&foreign.name, HONEST, &foreign.texts));
    }
    if let Some(own) = &plan.own {
        cases.extend(reference.measure_ways(own, part)?);
        cases.extend(reference.measure_cuts(part)?);
    }
    Ok(cases)
}

impl Reference<'_> {
    fn compare(&self, name: &str, claim: (Claim, &'static str), found: &[Embedded]) -> Case {
        Case::from_runs(name, claim, &judge_texts(&self.expected, found), BOUNDS)
    }

    /// Measures the ways of this machine, and the variants of the model.
    fn measure_ways(&self, own: &OwnWays, part: &Part) -> Result<Vec<Case>> {
        let mut cases = Vec::new();

        for way in &own.ways {
            part.set_step(way.name.clone());
            let other = Embedder::load(self.model, &way.device)?;
            let found = embed_texts(&other, self.texts, str::to_owned)?;
            cases.push(self.compare(&way.name, HONEST, &found));
        }

        for variant in &own.variants {
            part.set_step(variant.name.clone());
            let other = Embedder::load(&variant.path, self.device)
                .with_context(|| format!("the variant {}", variant.path.display()))?;
            let found = embed_texts(&other, self.texts, str::to_owned)?;
            let claim = find_claim(TEXT_CHEATS, &variant.name);
            cases.push(self.compare(&variant.name, claim, &found));
        }
        Ok(cases)
    }

    /// Measures cheats that need no other file.
    fn measure_cuts(&self, part: &Part) -> Result<Vec<Case>> {
        let Self { embedder, texts, .. } = self;
        part.set_step("cut and other texts");

        let rotated: Vec<String> =
            texts.iter().cycle().skip(1).take(texts.len()).cloned().collect();
        let found = [
            (CUT_WORD, embed_texts(embedder, texts, cut_word)?),
            (HALF_TEXT, embed_texts(embedder, texts, cut_half)?),
            (COPIED, embed_rotated(embedder, texts, &rotated)?),
        ];
        let compare = |(name, found): (&str, Vec<Embedded>)| {
            self.compare(name, find_claim(TEXT_CHEATS, name), &found)
        };
        Ok(found.into_iter().map(compare).collect())
    }
}

fn cut_word(text: &str) -> String {
    text.rsplit_once(' ').map_or(text, |(rest, _)| rest).to_owned()
}

fn cut_half(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    words.get(..words.len().div_ceil(2)).unwrap_or_default().join(" ")
}

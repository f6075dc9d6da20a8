//! Margins and sketches of answers: the reference reads each answer in one pass.

use std::path::Path;

use anyhow::{Context, Result};
use nosana_engine::{
    AnswerEvidence, Device, GeneratedText, GenerationEnd, GenerationOptions, Generator, Prompt,
    Sampling, Sketch,
};
use nosana_job_spec::Digest;

use super::{
    Variant,
    case::{Bounds, Case, Run},
    claims::{ANSWER_CHEATS, Claim, HALF_QUESTION, SAMPLED, find_claim},
    report::{AGREE_BITS, MARGIN_BOUND},
    ways::HonestWay,
};
use crate::progress::Part;

/// The bounds of answers.
const BOUNDS: Bounds = Bounds { deviation: MARGIN_BOUND, bits: AGREE_BITS };

/// A way to answer.
struct Answering<'a> {
    generator: &'a Generator,
    sampling: Sampling,
    /// What the node reads of a question.
    read: fn(&str) -> String,
    /// Whether it answers one question after the other.
    is_alone: bool,
}

impl<'a> Answering<'a> {
    fn honest(generator: &'a Generator) -> Self {
        Self { generator, sampling: Sampling::default(), read: str::to_owned, is_alone: false }
    }
}

/// Compares every way to answer the questions, each with at most `max_tokens`, with the reference.
pub fn measure(
    model: &Path,
    questions: &[String],
    max_tokens: usize,
    reference: &Device,
    ways: &[HonestWay],
    variants: &[Variant],
    part: &Part,
) -> Result<Vec<Case>> {
    part.set_step(format!("on {}", reference.info()));
    let checker = Generator::load(model, reference)?;
    let mut cases = Vec::new();
    let compare = |name: &str, claim, answering: Answering<'_>| -> Result<Case> {
        let runs = answer_all(&checker, &answering, questions, max_tokens)?;
        Ok(Case::from_runs(name, claim, &runs, BOUNDS))
    };

    let honest = (Claim::Honest, "");
    cases.push(compare("the same device", honest, Answering::honest(&checker))?);
    let alone = Answering { is_alone: true, ..Answering::honest(&checker) };
    cases.push(compare("one answer at a time", honest, alone)?);
    for way in ways {
        part.set_step(way.name.clone());
        let other = Generator::load(model, &way.device)?;
        cases.push(compare(&way.name, honest, Answering::honest(&other))?);
    }

    let claim_of = |name: &str| find_claim(ANSWER_CHEATS, name);
    for variant in variants {
        part.set_step(variant.name.clone());
        let other = Generator::load(&variant.path, reference)
            .with_context(|| format!("the variant {}", variant.path.display()))?;
        let answering = Answering::honest(&other);
        cases.push(compare(&variant.name, claim_of(&variant.name), answering)?);
    }

    part.set_step("cut questions and other sampling");
    let cut = Answering { read: first_half, ..Answering::honest(&checker) };
    cases.push(compare(HALF_QUESTION, claim_of(HALF_QUESTION), cut)?);
    let sampling = Sampling { temperature: 1.0, seed: 1, ..Sampling::default() };
    let sampled = Answering { sampling, ..Answering::honest(&checker) };
    cases.push(compare(SAMPLED, claim_of(SAMPLED), sampled)?);
    Ok(cases)
}

/// Answers all questions, and lets the reference read the answers.
fn answer_all(
    checker: &Generator,
    answering: &Answering<'_>,
    questions: &[String],
    max_tokens: usize,
) -> Result<Vec<Run>> {
    let read: Vec<Prompt> =
        questions.iter().map(|question| Prompt::question((answering.read)(question))).collect();
    let options = GenerationOptions {
        max_tokens,
        sampling: answering.sampling.clone(),
        ..GenerationOptions::default()
    };
    let together = if answering.is_alone { 1 } else { read.len().max(1) };
    let mut answers = Vec::with_capacity(read.len());
    for prompts in read.chunks(together) {
        answers.extend(answering.generator.generate(prompts, &options, || true)?);
    }

    let compare = |((question, read), answer): ((&String, &Prompt), &GeneratedText)| {
        let seed = Digest::of(question.as_bytes()).0;
        let expected =
            checker.check_answer(&Prompt::question(question), &answer.token_ids, || true)?;
        // A node makes its sketch of what it ran itself.
        let claimed = answering.generator.check_answer(read, &answer.token_ids, || true)?;

        let sketch = |evidence: &AnswerEvidence| Sketch::of_states(&seed, &evidence.states);
        let bits = sketch(&expected).distance(&sketch(&claimed));
        Ok(Run { deviation: largest_margin(&expected, answer).into(), bits })
    };
    questions.iter().zip(&read).zip(&answers).map(compare).collect()
}

/// The largest margin of the answer's tokens, and of its end if the model ended it.
fn largest_margin(evidence: &AnswerEvidence, answer: &GeneratedText) -> f32 {
    let end = match answer.end {
        GenerationEnd::Model => evidence.end_margin,
        GenerationEnd::Limit | GenerationEnd::Interrupted => 0.0,
    };
    evidence.largest_margin().max(end)
}

fn first_half(question: &str) -> String {
    let words: Vec<&str> = question.split(' ').collect();
    words.get(..words.len().div_ceil(2)).unwrap_or_default().join(" ")
}

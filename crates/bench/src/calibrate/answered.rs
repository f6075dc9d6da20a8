//! A question's answer and sketch: how a node makes them, and how a panelist judges them.

use anyhow::{Context, Result};
use nosana_engine::{
    AnswerEvidence, GeneratedText, GenerationEnd, GenerationOptions, Generator, Prompt, Sampling,
    Sketch,
};
use nosana_job_spec::{Digest, FinishReason};
use serde::{Deserialize, Serialize};

use super::{case::Run, inputs::Inputs};

/// A way to answer.
pub struct Answering<'a> {
    pub generator: &'a Generator,
    pub sampling: Sampling,
    /// What the node reads of a question.
    pub read: fn(&str) -> String,
    /// Whether it answers one question after the other.
    pub is_alone: bool,
}

/// What a node claims of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    pub token_ids: Vec<u32>,
    pub finish_reason: FinishReason,
    /// The sketch of the states of question and answer.
    #[serde(with = "super::sketch_text")]
    pub sketch: Sketch,
}

impl<'a> Answering<'a> {
    /// The way of a node.
    pub fn honest(generator: &'a Generator) -> Self {
        Self { generator, sampling: Sampling::default(), read: str::to_owned, is_alone: false }
    }
}

/// Answers all questions, and sketches what was run for them.
pub fn answer_questions(answering: &Answering<'_>, inputs: &Inputs) -> Result<Vec<Answered>> {
    let Inputs { questions, max_tokens, .. } = inputs;
    let read: Vec<Prompt> =
        questions.iter().map(|question| Prompt::question((answering.read)(question))).collect();
    let options = GenerationOptions {
        max_tokens: *max_tokens,
        sampling: answering.sampling.clone(),
        ..GenerationOptions::default()
    };

    let together = if answering.is_alone { 1 } else { read.len().max(1) };
    let mut answers = Vec::with_capacity(read.len());
    for prompts in read.chunks(together) {
        answers.extend(answering.generator.generate(prompts, &options, || true)?);
    }

    let sketch = |((question, read), answer): ((&String, &Prompt), GeneratedText)| {
        // A node makes its sketch of what it ran itself.
        let evidence = answering.generator.check_answer(read, &answer.token_ids, || true)?;
        Ok(Answered {
            token_ids: answer.token_ids,
            finish_reason: finish_reason(answer.end),
            sketch: sketch_answer(question, &evidence),
        })
    };
    questions.iter().zip(&read).zip(answers).map(sketch).collect()
}

/// Lets the reference read each question with its answer.
pub fn judge_answers(
    checker: &Generator,
    inputs: &Inputs,
    answers: &[Answered],
) -> Result<Vec<Run>> {
    let options =
        GenerationOptions { max_tokens: inputs.max_tokens, ..GenerationOptions::default() };

    let judge = |(index, (question, answer)): (usize, (&String, &Answered))| {
        judge_answer(checker, question, answer, &options)
            .with_context(|| format!("cannot judge answer {index}"))
    };
    inputs.questions.iter().zip(answers).enumerate().map(judge).collect()
}

fn judge_answer(
    checker: &Generator,
    question: &str,
    answer: &Answered,
    options: &GenerationOptions,
) -> Result<Run> {
    let replayed = checker.replay_answer(&answer.token_ids, options)?;
    let evidence = checker.check_answer(&Prompt::question(question), &answer.token_ids, || true)?;

    let deviation = replayed.map_or(f32::INFINITY, |replayed| {
        largest_margin(&evidence, answer.finish_reason, replayed.end)
    });
    let bits = sketch_answer(question, &evidence).distance(&answer.sketch);
    Ok(Run { deviation: deviation.into(), bits })
}

/// The seed is that of the question that was asked, whatever was read.
fn sketch_answer(question: &str, evidence: &AnswerEvidence) -> Sketch {
    Sketch::of_states(&Digest::of(question.as_bytes()).0, &evidence.states)
}

/// Returns what a node says of this end.
const fn finish_reason(end: GenerationEnd) -> FinishReason {
    match end {
        GenerationEnd::Model => FinishReason::Stop,
        GenerationEnd::Limit => FinishReason::Length,
        GenerationEnd::Interrupted => FinishReason::Time,
    }
}

/// The largest margin of the answer's tokens, and of its end if the model ended it. `end`: what the
/// tokens alone show. Infinite if the answer does not end as it claims: no margin excuses that.
fn largest_margin(
    evidence: &AnswerEvidence,
    claimed: FinishReason,
    end: Option<GenerationEnd>,
) -> f32 {
    let end_margin = match (claimed, end) {
        (FinishReason::Stop, None) => evidence.end_margin,
        (FinishReason::Stop, Some(GenerationEnd::Model))
        | (FinishReason::Length, Some(GenerationEnd::Limit)) => 0.0,
        (FinishReason::Stop, Some(GenerationEnd::Limit | GenerationEnd::Interrupted))
        | (FinishReason::Length, None)
        | (FinishReason::Length, Some(GenerationEnd::Model | GenerationEnd::Interrupted))
        | (FinishReason::Time, _) => f32::INFINITY,
    };

    let margin = evidence.largest_margin();
    // `f32::max` ignores what is not a number.
    if margin.is_nan() || end_margin.is_nan() { f32::NAN } else { margin.max(end_margin) }
}

#[cfg(test)]
mod tests {
    use nosana_engine::TokenMargin;

    use super::*;
    use crate::calibrate::{
        case::{Bounds, Case},
        claims::HONEST,
        report::{AGREE_BITS, MARGIN_BOUND},
    };

    fn evidence(margin: f32, end_margin: f32) -> AnswerEvidence {
        let margins = vec![TokenMargin { likeliest: 7, margin }];
        AnswerEvidence { margins, end_margin, states: Vec::new() }
    }

    #[test]
    fn the_margin_of_the_end_counts_if_the_model_ended_the_answer() {
        let limit = Some(GenerationEnd::Limit);
        let margin = |claimed, end| largest_margin(&evidence(0.5, 2.0), claimed, end);
        assert_eq!(margin(FinishReason::Stop, None), 2.0);
        assert_eq!(margin(FinishReason::Length, limit), 0.5);

        for (claimed, end) in
            [(FinishReason::Stop, limit), (FinishReason::Length, None), (FinishReason::Time, None)]
        {
            assert_eq!(margin(claimed, end), f32::INFINITY, "{claimed:?} {end:?}");
        }
        assert!(largest_margin(&evidence(f32::NAN, 0.0), FinishReason::Stop, None).is_nan());
        assert!(largest_margin(&evidence(0.5, f32::NAN), FinishReason::Stop, None).is_nan());
    }

    #[test]
    fn one_honest_answer_beyond_a_bound_is_a_fault() {
        let bounds = Bounds { deviation: MARGIN_BOUND, bits: AGREE_BITS };
        let find_fault = |last: AnswerEvidence| {
            let runs = [evidence(0.1, 0.2), evidence(1.5, 1.5), last].map(|evidence| {
                let margin = largest_margin(&evidence, FinishReason::Stop, None);
                Run { deviation: margin.into(), bits: 0 }
            });
            Case::from_runs("card: a GPU (vulkan)", HONEST, &runs, bounds).find_fault()
        };

        assert_eq!(find_fault(evidence(0.3, 0.0)), None);
        for beyond in [evidence(1.6, 0.0), evidence(0.0, 1.6)] {
            let fault = find_fault(beyond).unwrap();
            assert_eq!(fault, "card: a GPU (vulkan): 1 of 3 honest runs exceed a bound");
        }
    }
}

//! Every way to answer the questions: the reference reads each answer in one pass.

use std::path::Path;

use anyhow::{Context, Result};
use nosana_engine::{Device, Generator, Sampling};

use super::{
    answered::{Answered, Answering, answer_questions, judge_answers},
    case::{Bounds, Case},
    claims::{ANSWER_CHEATS, Claim, HALF_QUESTION, HONEST, SAMPLED, find_claim},
    inputs::Inputs,
    plan::{OwnWays, Plan},
    report::{AGREE_BITS, MARGIN_BOUND},
};
use crate::progress::Part;

/// The bounds of answers.
const BOUNDS: Bounds = Bounds { deviation: MARGIN_BOUND, bits: AGREE_BITS };

/// The reference, which reads the answers to the questions.
struct Reference<'a> {
    model: &'a Path,
    device: &'a Device,
    checker: Generator,
    inputs: &'a Inputs,
}

/// Compares every way of the plan to answer the questions with the reference.
pub fn measure(model: &Path, inputs: &Inputs, plan: &Plan<'_>, part: &Part) -> Result<Vec<Case>> {
    let device = plan.reference;
    part.set_step(format!("on {}", device.info()));
    let checker = Generator::load(model, device)?;
    let reference = Reference { model, device, checker, inputs };

    let again = Answering::honest(&reference.checker);
    let mut cases = vec![reference.measure_way("the same device", HONEST, &again)?];
    for foreign in plan.foreign {
        part.set_step(foreign.name.clone());
        cases.push(reference.compare(&foreign.name, HONEST, &foreign.answers)?);
    }
    if let Some(own) = &plan.own {
        cases.extend(reference.measure_ways(own, part)?);
        cases.extend(reference.measure_cheats(part)?);
    }
    Ok(cases)
}

impl Reference<'_> {
    fn compare(
        &self,
        name: &str,
        claim: (Claim, &'static str),
        answers: &[Answered],
    ) -> Result<Case> {
        let runs = judge_answers(&self.checker, self.inputs, answers)
            .with_context(|| format!("the answers of `{name}`"))?;
        Ok(Case::from_runs(name, claim, &runs, BOUNDS))
    }

    fn measure_way(
        &self,
        name: &str,
        claim: (Claim, &'static str),
        answering: &Answering<'_>,
    ) -> Result<Case> {
        let answers = answer_questions(answering, self.inputs)?;
        self.compare(name, claim, &answers)
    }

    /// Measures the ways of this machine, and the variants of the model.
    fn measure_ways(&self, own: &OwnWays, part: &Part) -> Result<Vec<Case>> {
        let alone = Answering { is_alone: true, ..Answering::honest(&self.checker) };
        let mut cases = vec![self.measure_way("one answer at a time", HONEST, &alone)?];

        for way in &own.ways {
            part.set_step(way.name.clone());
            let other = Generator::load(self.model, &way.device)?;
            cases.push(self.measure_way(&way.name, HONEST, &Answering::honest(&other))?);
        }

        for variant in &own.variants {
            part.set_step(variant.name.clone());
            let other = Generator::load(&variant.path, self.device)
                .with_context(|| format!("the variant {}", variant.path.display()))?;
            let claim = find_claim(ANSWER_CHEATS, &variant.name);
            cases.push(self.measure_way(&variant.name, claim, &Answering::honest(&other))?);
        }
        Ok(cases)
    }

    /// Measures cheats that need no other file.
    fn measure_cheats(&self, part: &Part) -> Result<Vec<Case>> {
        part.set_step("cut questions and other sampling");
        let sampling = Sampling { temperature: 1.0, seed: 1, ..Sampling::default() };
        let ways = [
            (HALF_QUESTION, Answering { read: first_half, ..Answering::honest(&self.checker) }),
            (SAMPLED, Answering { sampling, ..Answering::honest(&self.checker) }),
        ];

        let measure = |(name, answering): &(&str, Answering<'_>)| {
            self.measure_way(name, find_claim(ANSWER_CHEATS, name), answering)
        };
        ways.iter().map(measure).collect()
    }
}

fn first_half(question: &str) -> String {
    let words: Vec<&str> = question.split(' ').collect();
    words.get(..words.len().div_ceil(2)).unwrap_or_default().join(" ")
}

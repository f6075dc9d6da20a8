//! The engine, without a market.

use std::{ops::Range, path::Path};

use anyhow::{Context, Result};
use nosana_engine::{Device, Embedder, GenerationOptions, Generator, LongText, Prompt};

use super::{
    throughput::{Throughput, count_requests, time_callers, time_requests},
    token_answer::TokenAnswer,
    workload::{
        ANSWER_TOKENS, answer_options, choose_length, choose_prompt, choose_sentence,
        number_sentences,
    },
};

/// The rounds of which the median counts, as many as of the other binding.
const SENTENCE_ROUNDS: usize = 3;

/// Answers the first prompt alone.
pub fn answer_first(generator: &Generator) -> Result<TokenAnswer> {
    let prompts = [Prompt::question(choose_prompt(0))];
    let [prompt] = &prompts;
    let prompt_ids = generator.prompt_ids(prompt)?;

    let answers = generator.generate(&prompts, &answer_options(ANSWER_TOKENS as usize), || true)?;
    let answer = answers.into_iter().next().context("the engine gave no answer")?;
    Ok(TokenAnswer { prompt_ids, token_ids: answer.token_ids, text: answer.text })
}

/// Answers the prompts for `in_flight` callers.
pub fn measure_answers(generator: &Generator, in_flight: usize) -> Result<Throughput> {
    time_callers(in_flight, count_requests(in_flight), |number| {
        let options = answer_options(choose_length(number) as usize);
        answer_prompts(generator, number..number + 1, &options)
    })
}

/// Embeds the sentences of requests, those of `in_flight` requests at a time.
pub fn measure_sentences(model: &Path, device: &Device, in_flight: usize) -> Result<Throughput> {
    let embedder = load_embedder(model, device)?;
    time_sentences(&embedder, in_flight)
}

/// Embeds the sentences of requests, one request after the other. Returns the median of several
/// rounds.
pub fn measure_sentence_rounds(model: &Path, device: &Device) -> Result<Throughput> {
    let embedder = load_embedder(model, device)?;

    let round = |_| time_sentences(&embedder, 1);
    let mut rounds = (0..SENTENCE_ROUNDS).map(round).collect::<Result<Vec<_>>>()?;
    rounds.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    rounds.get(SENTENCE_ROUNDS / 2).copied().context("no sentence was embedded")
}

/// Loads the model and runs it once: the first sentence reads the weights, and compiles a GPU's
/// programs.
fn load_embedder(model: &Path, device: &Device) -> Result<Embedder> {
    let embedder = Embedder::load(model, device)?;
    embed_sentences(&embedder, 0..1)?;
    Ok(embedder)
}

fn time_sentences(embedder: &Embedder, in_flight: usize) -> Result<Throughput> {
    time_requests(in_flight, count_requests(in_flight), |numbers| {
        embed_sentences(embedder, number_sentences(numbers))
    })
}

/// Answers the prompts with these numbers together. Returns the tokens of the answers.
pub fn answer_prompts(
    generator: &Generator,
    numbers: Range<usize>,
    options: &GenerationOptions,
) -> Result<usize> {
    let prompts: Vec<Prompt> = numbers.map(choose_prompt).map(Prompt::question).collect();
    let answers = generator.generate(&prompts, options, || true)?;

    Ok(answers.iter().map(|answer| answer.token_ids.len()).sum())
}

/// Embeds the sentences with these numbers in one call. Returns their number.
pub fn embed_sentences(embedder: &Embedder, numbers: Range<usize>) -> Result<usize> {
    let sentences: Vec<String> = numbers.map(choose_sentence).collect();
    Ok(embedder.embed(&sentences, LongText::Refuse, || true)?.len())
}

//! How the next token of an answer is chosen, by the real model on this machine.

mod generator;

use std::collections::BTreeSet;

use generator::generator;
use nosana_engine::{GenerationOptions, Prompt, Sampling};

/// The tokens of an answer of at most 24 tokens.
fn answer_tokens(prompt: Prompt, sampling: Sampling) -> Vec<u32> {
    let options = GenerationOptions { max_tokens: 24, sampling, ..GenerationOptions::default() };
    generator().generate(&[prompt], &options, || true).unwrap().remove(0).token_ids
}

fn write_story(sampling: Sampling) -> Vec<u32> {
    answer_tokens(Prompt::question("Write a story."), sampling)
}

#[test]
fn a_seed_repeats_an_answer_and_another_one_changes_it() {
    let seeded = |seed| write_story(Sampling { temperature: 1.0, seed, ..Sampling::default() });

    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
}

#[test]
fn settings_that_leave_one_token_choose_the_likeliest() {
    let free = Sampling { temperature: 1.0, seed: 1, ..Sampling::default() };
    let likeliest = write_story(Sampling::default());
    assert_ne!(write_story(free.clone()), likeliest, "the temperature has an effect");

    for sampling in [
        Sampling { top_k: 1, ..free.clone() },
        Sampling { top_p: 1e-6, ..free.clone() },
        Sampling { min_p: 1.0, ..free },
    ] {
        assert_eq!(write_story(sampling.clone()), likeliest, "{sampling:?}");
    }
}

#[test]
fn a_penalty_ends_repetition() {
    let count_repeated = |repeat_penalty| {
        let prompt = Prompt::Text("red blue ".repeat(12).trim_end().to_owned());
        let sampling = Sampling { repeat_penalty, ..Sampling::default() };
        let tokens = answer_tokens(prompt, sampling);
        tokens.len() - tokens.iter().collect::<BTreeSet<_>>().len()
    };

    let [repeated, penalized] = [1.0, 2.0].map(count_repeated);
    assert!(repeated >= 12, "{repeated} repeated tokens of 24");
    assert!(penalized < repeated / 2, "{penalized} of {repeated} with the penalty");
}

//! Answers made again from their tokens, and answers and texts read once more.

mod generator;

use std::cell::Cell;

use generator::generator;
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, Embedder, EngineError, GeneratedText, GenerationEnd,
    GenerationOptions, LongText, ModelStore, Prompt, STATE_PLACES,
};

/// The largest accepted margin of a token that the model chose itself: reading an answer in one
/// pass rounds otherwise than generating it.
const OWN_MARGIN: f32 = 0.5;
/// The least margin of a token that is wrong.
const WRONG_MARGIN: f32 = 3.0;

fn options(max_tokens: usize, stop: &[&str]) -> GenerationOptions {
    let stop = stop.iter().map(|text| (*text).to_owned()).collect();
    GenerationOptions { max_tokens, stop, ..GenerationOptions::default() }
}

fn question() -> Prompt {
    Prompt::question("What is the capital city of Germany?")
}

fn answer_question(max_tokens: usize) -> GeneratedText {
    generator().generate(&[question()], &options(max_tokens, &[]), || true).unwrap().remove(0)
}

#[test]
fn tokens_give_text_and_end_again() {
    let prompt = question();
    for (options, end) in [
        (options(4, &[]), Some(GenerationEnd::Limit)),
        (options(24, &[" Germany"]), Some(GenerationEnd::Model)),
        (options(48, &[]), None),
    ] {
        let answers = generator().generate(std::slice::from_ref(&prompt), &options, || true);
        let answer = answers.unwrap().remove(0);
        let replayed = generator().replay_answer(&answer.token_ids, &options).unwrap().unwrap();
        assert_eq!((replayed.text, replayed.end), (answer.text, end), "{options:?}");

        let mut longer = answer.token_ids.clone();
        longer.extend([17, 17]);
        let continued = generator().replay_answer(&longer, &options).unwrap();
        assert_eq!(continued.is_none(), end.is_some(), "an end is the last");
    }
}

#[test]
fn a_token_that_the_model_does_not_have_is_an_error() {
    for unknown in [49_152, u32::MAX] {
        let replayed = generator().replay_answer(&[17, unknown], &options(8, &[]));
        assert!(matches!(replayed, Err(EngineError::WrongResult(_))), "{unknown}");
    }
    let prompt = Prompt::question("Why?");
    assert!(generator().check_answer(&prompt, &[49_152], || true).is_err());
}

#[test]
fn the_models_own_answer_has_no_margins_and_a_wrong_token_has_one() {
    let answer = answer_question(24);
    assert_eq!(answer.end, GenerationEnd::Model, "{}", answer.text);
    let own = generator().check_answer(&question(), &answer.token_ids, || true).unwrap();
    assert_eq!(own.margins.len(), answer.token_ids.len());
    assert!(own.largest_margin() < OWN_MARGIN, "{own:?}");
    assert!(own.end_margin.abs() < OWN_MARGIN, "{}", own.end_margin);
    assert_eq!(generator().check_answer(&question(), &answer.token_ids, || true).unwrap(), own);

    // The third token does not fit its place.
    let mut wrong = answer.token_ids.clone();
    wrong[2] = 17;
    let checked = generator().check_answer(&question(), &wrong, || true).unwrap();
    let third = checked.margins[2];
    assert!(third.margin > WRONG_MARGIN, "{third:?}");
    assert_eq!(third.likeliest, answer.token_ids[2]);
    assert!(checked.largest_margin() >= third.margin, "{checked:?}");
    assert!(checked.margins[..2].iter().all(|token| token.margin < OWN_MARGIN), "{checked:?}");

    // An answer that was cut has no end where it stops.
    let cut = generator().check_answer(&question(), &answer.token_ids[..4], || true).unwrap();
    assert!(cut.end_margin > WRONG_MARGIN, "{}", cut.end_margin);
}

#[test]
fn a_long_answer_is_not_read_to_its_end_once_it_is_stopped() {
    let calls = Cell::new(0);
    let reads = |most: usize| {
        calls.set(0);
        let may_continue = || calls.replace(calls.get() + 1) < most;
        generator().check_answer(&question(), &[17; 600], may_continue)
    };
    // Question and answer are more than 512 tokens.
    assert_eq!(reads(2).unwrap().margins.len(), 600);
    assert_eq!(calls.get(), 2);
    assert!(matches!(reads(1), Err(EngineError::Stopped)), "between its parts");
    assert!(matches!(reads(0), Err(EngineError::Stopped)));
}

#[test]
fn states_of_an_answer_follow_from_its_tokens() {
    let answer = answer_question(4);
    let states =
        |answer: &[u32]| generator().check_answer(&question(), answer, || true).unwrap().states;

    let own = states(&answer.token_ids);
    assert_eq!(own.len(), STATE_PLACES);
    assert!(own.iter().all(|state| state.len() == 576 && state.iter().any(|value| *value != 0.0)));
    let [.., last] = answer.token_ids[..] else { panic!("no answer") };
    let others = states(&[&answer.token_ids[..3], &[last + 1]].concat());
    assert_ne!(others[STATE_PLACES - 1], own[STATE_PLACES - 1], "the last place is the last token");
}

#[test]
fn the_mean_of_a_texts_states_is_its_vector() {
    let file = ModelStore::in_user_cache().unwrap().ensure(&ALL_MINILM_L6_V2).unwrap();
    let embedder = Embedder::load(&file, &Device::open().unwrap()).unwrap();
    let check = |text: &str| embedder.check_text(text, LongText::Refuse).unwrap().states;

    // With the marks at its ends it has three tokens, and all of them are among the eight places.
    assert_eq!(embedder.token_ids("cat").len(), 3);
    let states = check("cat");
    assert_eq!(states.len(), STATE_PLACES);
    assert!(states.iter().all(|state| state.len() == 384));
    assert_eq!((&states[0], &states[3]), (&states[2], &states[6]));
    assert_eq!(check("cat"), states);
    assert_ne!(check("dog"), states);

    let sum = |index: usize| -> f64 {
        [0_usize, 3, 7].iter().map(|place| f64::from(states[*place][index])).sum()
    };
    let sums: Vec<f64> = (0..384).map(sum).collect();
    let length = sums.iter().map(|value| value * value).sum::<f64>().sqrt();
    let vector = embedder.embed(&["cat"], LongText::Refuse, || true).unwrap().remove(0);
    for (expected, actual) in sums.iter().zip(vector) {
        assert!((expected / length - f64::from(actual)).abs() < 1e-4, "{expected} {actual}");
    }

    let long = "word ".repeat(600);
    let refused = embedder.check_text(&long, LongText::Refuse);
    assert!(matches!(refused, Err(EngineError::TooLong { .. })));
    let cut = embedder.check_text(&long, LongText::Truncate).unwrap();
    assert_eq!(cut.states, check(&"word ".repeat(510)));
}

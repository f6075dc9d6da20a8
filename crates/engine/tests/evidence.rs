//! Answers made again from their tokens.

use std::sync::OnceLock;

use nosana_engine::{
    Device, EngineError, GenerationEnd, GenerationOptions, Generator, ModelStore, Prompt,
    SMOLLM2_135M_INSTRUCT,
};

fn generator() -> &'static Generator {
    static GENERATOR: OnceLock<Generator> = OnceLock::new();
    GENERATOR.get_or_init(|| {
        let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
        Generator::load(&file, &Device::open().unwrap()).unwrap()
    })
}

fn options(max_tokens: usize, stop: &[&str]) -> GenerationOptions {
    let stop = stop.iter().map(|text| (*text).to_owned()).collect();
    GenerationOptions { max_tokens, stop, ..GenerationOptions::default() }
}

#[test]
fn tokens_give_text_and_end_again() {
    let prompt = Prompt::question("What is the capital city of Germany?");
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
    assert!(generator().check_answer(&prompt, &[49_152]).is_err());
}

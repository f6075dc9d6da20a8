//! What clients check before they list a job, and nodes before they start one, so that a job that no
//! node can run is not listed.

use nosana_job_spec::{InferenceArgs, InferenceInput, Operation};

use crate::{
    ALL_MINILM_L6_V2, EngineError, ModelStore, convert::CONTEXT_TOKENS, format::check_format,
    models::check_model, vocabulary::Vocabulary,
};

/// The tokens that mark beginning and end of a text.
const MARKS: usize = 2;

/// Checks that nodes can get the model of an operation, that it does its task, that it reads texts
/// of so many words, and that its answers can have the requested form. An operation without a model
/// passes.
///
/// # Errors
/// If the model is not known and has no source, or does not do the task, or a text is certainly too
/// long for it, or the format is invalid.
pub fn check_operation(operation: &Operation) -> Result<(), EngineError> {
    match operation {
        Operation::InferenceRun { args, .. } => {
            check_model(&args.model, args.task)?;
            check_words(args)?;
            args.format.as_ref().map_or(Ok(()), check_format)
        }
        Operation::InferenceServe { args, .. } => check_model(&args.model, args.task),
        Operation::CommandRun { .. } | Operation::ContainerRun { .. } => Ok(()),
    }
}

/// Checks the texts for the embedding model that every node has by their tokens, as nodes do, if
/// its file is in `models`. Without the file, or if it cannot be read, every text passes.
///
/// # Errors
/// If a text has more tokens than the model reads, and is not to be cut.
pub fn check_tokens(operation: &Operation, models: &ModelStore) -> Result<(), EngineError> {
    let Operation::InferenceRun { args, .. } = operation else { return Ok(()) };

    // A token has at least one byte: most texts are short enough without counting.
    let texts: Vec<_> =
        list_bounded_texts(args).filter(|text| text.len() > CONTEXT_TOKENS - MARKS).collect();
    if texts.is_empty() {
        return Ok(());
    }
    let Some(vocabulary) = find_vocabulary(args, models) else { return Ok(()) };

    let longest = texts.into_iter().map(|text| vocabulary.count_tokens(text)).max().unwrap_or(0);
    if longest > CONTEXT_TOKENS {
        return Err(EngineError::TooManyTokens { tokens: longest, room: CONTEXT_TOKENS });
    }
    Ok(())
}

fn find_vocabulary(args: &InferenceArgs, models: &ModelStore) -> Option<Vocabulary> {
    let found = models.open_cached(&args.model.digest());
    let loaded = found.and_then(|file| file.map(|file| Vocabulary::load(file.path())).transpose());

    loaded.unwrap_or_else(|error| {
        tracing::debug!("cannot count the tokens of texts: {error}");
        None
    })
}

/// Checks the texts for the embedding model that every node has by their words. Each word has at
/// least one token; how many it has only the model's tokenizer knows.
fn check_words(args: &InferenceArgs) -> Result<(), EngineError> {
    let room = CONTEXT_TOKENS - MARKS;
    let longest = list_bounded_texts(args).map(count_words).max().unwrap_or(0);

    if longest > room {
        return Err(EngineError::TooManyWords { words: longest, room });
    }
    Ok(())
}

/// Lists the texts that must not be longer than the embedding model reads that every node has.
/// Nothing is known of other models.
fn list_bounded_texts(args: &InferenceArgs) -> impl Iterator<Item = &str> {
    let is_bounded = !args.truncate && args.model.digest() == ALL_MINILM_L6_V2.digest();
    let inputs = if is_bounded { args.inputs.as_slice() } else { &[] };

    inputs.iter().filter_map(InferenceInput::as_text)
}

/// Counts the words that surely have a token: a tokenizer may drop other characters.
fn count_words(text: &str) -> usize {
    let is_counted = |word: &&str| word.contains(|letter: char| letter.is_ascii_alphanumeric());
    text.split_whitespace().filter(is_counted).count()
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::Task;

    use super::*;

    fn check(text: &str, truncate: bool) -> Result<(), EngineError> {
        let model = ALL_MINILM_L6_V2.digest();
        let mut args = InferenceArgs::new(model, Task::Embedding, vec!["Short.", text]);
        args.truncate = truncate;
        check_operation(&Operation::InferenceRun { id: "embed".to_owned(), args })
    }

    #[test]
    fn a_text_of_more_words_than_the_model_reads_tokens_is_refused_or_cut() {
        let [longest, longer] = [510, 511].map(|words| "word ".repeat(words));
        assert!(check(&longest, false).is_ok());
        let refused = check(&longer, false);
        assert!(
            matches!(refused, Err(EngineError::TooManyWords { words: 511, room: 510 })),
            "{refused:?}"
        );
        assert!(check(&longer, true).is_ok());

        // What may have no token is not counted.
        assert!(check(&"\u{200b} ".repeat(600), false).is_ok());
    }
}

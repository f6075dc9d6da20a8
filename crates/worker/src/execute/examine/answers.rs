//! Answers of language models: question and answer are read in one pass, with the node's own tokens
//! (teacher forcing).

use anyhow::{Result, ensure};
use nosana_engine::{AnswerEvidence, GenerationEnd, GenerationOptions, Generator, ReplayedAnswer};
use nosana_job_spec::{
    ANSWER_MARGIN_BOUND, FinishReason, Generation, GenerationOutput, InferenceArgs,
};

use super::{
    super::inference::{generation_options, prompt},
    Depth, Examined, OperationEvidence,
};

/// Reads each question with its claimed answer, and checks that the model would have chosen its
/// tokens. Reads the question alone if the claimed answers cannot be read.
pub(super) fn examine_answers(
    generator: &Generator,
    claimed: Option<&GenerationOutput>,
    examined: &Examined<'_>,
) -> Result<OperationEvidence> {
    let Examined { args, depth, may_be_cut, cancel, .. } = examined;
    let options = generation_options(args);
    let mut states = Vec::with_capacity(args.inputs.len());
    let mut fault = None;

    for (index, input) in args.inputs.iter().enumerate() {
        ensure!(!cancel.is_cancelled(), "it was cancelled");
        let prompt = prompt(args, input);
        let answer = claimed.and_then(|output| output.generations.get(index));
        let tokens = answer.map_or(&[][..], |answer| &answer.token_ids);
        // A token that the model does not have cannot be read.
        let replayed = generator.replay_answer(tokens, &options);
        let tokens = if replayed.is_ok() { tokens } else { &[] };

        let evidence = generator.check_answer(&prompt, tokens, || !cancel.is_cancelled())?;
        if let (Some(answer), Depth::Outputs | Depth::OutputsAlone) = (answer, depth) {
            let prompt_tokens = generator.prompt_ids(&prompt)?.len();
            let replayed = replayed.map_err(|error| error.to_string());
            let found = check_tokens(answer, replayed, prompt_tokens)
                .and_then(|end| check_evidence(answer, end, &evidence, *may_be_cut));
            fault = fault.or(found.err().map(|problem| format!("answer {index}: {problem}")));
        }
        states.push(evidence.states);
    }
    Ok(OperationEvidence { states, fault })
}

/// Fails if a question with its answer is longer than the model reads.
pub(super) fn check_lengths(generator: &Generator, args: &InferenceArgs) -> Result<()> {
    let GenerationOptions { max_tokens, .. } = generation_options(args);
    let room = generator.max_tokens().saturating_sub(max_tokens);

    for input in &args.inputs {
        let tokens = generator.prompt_ids(&prompt(args, input))?.len();
        ensure!(tokens <= room, "an input has {tokens} tokens, and the model reads {room}");
    }
    Ok(())
}

/// Checks what the tokens alone show. Returns why they end the answer; `None` if only the model can
/// have ended it.
fn check_tokens(
    answer: &Generation,
    replayed: Result<Option<ReplayedAnswer>, String>,
    prompt_tokens: usize,
) -> Result<Option<GenerationEnd>, String> {
    let Some(replayed) = replayed? else {
        return Err("its tokens continue behind its end".to_owned());
    };

    if replayed.text != answer.text {
        return Err("its text is not that of its tokens".to_owned());
    }
    if usize::try_from(answer.prompt_tokens) != Ok(prompt_tokens) {
        return Err(format!(
            "it claims a question of {} tokens, which has {prompt_tokens}",
            answer.prompt_tokens
        ));
    }
    if !answer.logprobs.is_empty() {
        return Err("it has probabilities that were not requested".to_owned());
    }
    Ok(replayed.end)
}

/// Checks that the model would have chosen the tokens, and the end as claimed.
fn check_evidence(
    answer: &Generation,
    end: Option<GenerationEnd>,
    evidence: &AnswerEvidence,
    may_be_cut: bool,
) -> Result<(), String> {
    let margin = evidence.largest_margin();
    // A margin that is not a number fails too.
    if margin.is_nan() || margin > ANSWER_MARGIN_BOUND {
        return Err(format!(
            "a token has the margin {margin:.2}, and the bound is {ANSWER_MARGIN_BOUND}"
        ));
    }

    let is_end_right = match (answer.finish_reason, end) {
        (FinishReason::Stop, Some(GenerationEnd::Model)) => true,
        (FinishReason::Stop, None) => evidence.end_margin <= ANSWER_MARGIN_BOUND,
        (FinishReason::Length, Some(GenerationEnd::Limit)) => true,
        (FinishReason::Time, None) => may_be_cut,
        (FinishReason::Stop, Some(GenerationEnd::Limit | GenerationEnd::Interrupted))
        | (FinishReason::Length, None)
        | (FinishReason::Length, Some(GenerationEnd::Model | GenerationEnd::Interrupted))
        | (FinishReason::Time, Some(_)) => false,
    };
    if is_end_right { Ok(()) } else { Err("it does not end as it claims".to_owned()) }
}

#[cfg(test)]
mod tests {
    use nosana_engine::TokenMargin;

    use super::*;

    fn answer(finish_reason: FinishReason) -> Generation {
        Generation {
            text: "yes".to_owned(),
            token_ids: vec![7],
            finish_reason,
            prompt_tokens: 3,
            logprobs: Vec::new(),
        }
    }

    fn evidence(margin: f32, end_margin: f32) -> AnswerEvidence {
        let margins = vec![TokenMargin { likeliest: 7, margin }];
        AnswerEvidence { margins, end_margin, states: Vec::new() }
    }

    fn replayed(text: &str) -> Result<Option<ReplayedAnswer>, String> {
        Ok(Some(ReplayedAnswer { text: text.to_owned(), end: None }))
    }

    #[test]
    fn text_question_and_probabilities_are_those_of_the_tokens() {
        let claimed = answer(FinishReason::Stop);
        assert_eq!(check_tokens(&claimed, replayed("yes"), 3), Ok(None));
        assert!(check_tokens(&claimed, replayed("no"), 3).is_err());
        assert!(check_tokens(&claimed, replayed("yes"), 4).is_err());
        assert!(check_tokens(&claimed, Ok(None), 3).is_err());
        assert!(check_tokens(&claimed, Err("no such token".to_owned()), 3).is_err());
        let logprobs = vec![nosana_job_spec::TokenLogprobs {
            text: "yes".to_owned(),
            logprob: -0.1,
            likeliest: Vec::new(),
        }];
        let with_logprobs = Generation { logprobs, ..claimed };
        assert!(check_tokens(&with_logprobs, replayed("yes"), 3).is_err());
    }

    #[test]
    fn the_end_must_be_as_claimed() {
        let check = |reason, end, end_margin, may_be_cut| {
            check_evidence(&answer(reason), end, &evidence(0.1, end_margin), may_be_cut).is_ok()
        };
        let (model, limit) = (Some(GenerationEnd::Model), Some(GenerationEnd::Limit));
        assert!(check(FinishReason::Stop, None, 1.5, false));
        assert!(!check(FinishReason::Stop, None, 1.6, true));
        assert!(check(FinishReason::Stop, model, 9.0, false), "a stop text");
        assert!(!check(FinishReason::Stop, limit, 0.0, true));
        assert!(check(FinishReason::Length, limit, 9.0, false));
        assert!(!check(FinishReason::Length, None, 0.0, true));
        assert!(check(FinishReason::Time, None, 9.0, true));
        assert!(!check(FinishReason::Time, None, 9.0, false), "before the job's time was over");
        assert!(!check(FinishReason::Time, model, 9.0, true));
    }

    #[test]
    fn unlikely_tokens_are_wrong() {
        let check = |margin| {
            check_evidence(&answer(FinishReason::Stop), None, &evidence(margin, 0.0), false).is_ok()
        };
        assert!(check(1.5));
        assert!(!check(1.51));
        assert!(!check(f32::INFINITY));
        assert!(!check(f32::NAN));
    }
}

//! The answers of two results to the same questions.

use nosana_job_spec::{ANSWER_MARGIN_BOUND, FinishReason, Generation, GenerationOutput};

use super::ResultComparison;

/// Returns what is wrong with an answer whatever the model says.
pub(super) fn find_plain_fault(answer: &Generation, may_be_cut: bool) -> Option<String> {
    if !answer.logprobs.is_empty() {
        return Some("an answer has probabilities that were not requested".to_owned());
    }

    match answer.finish_reason {
        FinishReason::Time if !may_be_cut => {
            Some("an answer was cut before the job's time was over".to_owned())
        }
        FinishReason::Time | FinishReason::Stop | FinishReason::Length => None,
    }
}

/// Compares the answers of two results.
pub(super) fn compare_outputs(
    first: &GenerationOutput,
    second: &GenerationOutput,
) -> ResultComparison {
    let pairs = first.generations.iter().zip(&second.generations);
    let compared =
        pairs.enumerate().map(|(index, (first, second))| match compare_answers(first, second) {
            ResultComparison::Same => ResultComparison::Same,
            ResultComparison::Unclear(why) => {
                ResultComparison::Unclear(format!("answer {index}: {why}"))
            }
            ResultComparison::Differing(why) => {
                ResultComparison::Differing(format!("answer {index}: {why}"))
            }
        });
    compared.fold(ResultComparison::Same, ResultComparison::join)
}

/// Compares two answers to a question. Its number of tokens, and the text and the end of the same
/// tokens, do not depend on a device. The tokens do: where two are almost equally likely, honest
/// nodes may choose either, and go on differently.
fn compare_answers(first: &Generation, second: &Generation) -> ResultComparison {
    if first.prompt_tokens != second.prompt_tokens {
        return ResultComparison::Differing(format!(
            "its question has {} tokens, and {} in the twin's",
            first.prompt_tokens, second.prompt_tokens
        ));
    }
    if first.token_ids != second.token_ids {
        let pairs = first.token_ids.iter().zip(&second.token_ids);
        let common = pairs.take_while(|(first, second)| first == second).count();
        return ResultComparison::Unclear(format!(
            "its tokens differ from token {} on; only the model can say whether both are within \
             {ANSWER_MARGIN_BOUND} of the likeliest one",
            common + 1
        ));
    }
    if first.text != second.text {
        return ResultComparison::Differing("the same tokens have different texts".to_owned());
    }

    match (first.finish_reason, second.finish_reason) {
        (FinishReason::Stop, FinishReason::Stop)
        | (FinishReason::Length, FinishReason::Length)
        | (FinishReason::Time, FinishReason::Time) => ResultComparison::Same,
        (FinishReason::Time, FinishReason::Stop | FinishReason::Length)
        | (FinishReason::Stop | FinishReason::Length, FinishReason::Time) => {
            ResultComparison::Unclear("one of both was cut by time".to_owned())
        }
        (FinishReason::Stop, FinishReason::Length) | (FinishReason::Length, FinishReason::Stop) => {
            ResultComparison::Differing("the same tokens end differently".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use ResultComparison::{Differing, Same, Unclear};

    use super::*;

    fn answer(tokens: &[u32]) -> Generation {
        Generation {
            text: "text".to_owned(),
            token_ids: tokens.to_vec(),
            finish_reason: FinishReason::Stop,
            prompt_tokens: 5,
            logprobs: Vec::new(),
        }
    }

    #[test]
    fn other_tokens_show_nothing_and_all_else_does() {
        let first = answer(&[1, 2, 3]);
        let compare = |other: Generation| compare_answers(&first, &other);
        assert_eq!(compare(answer(&[1, 2, 3])), Same);
        for tokens in [&[1, 2, 4][..], &[1, 2], &[]] {
            let found = compare(answer(tokens));
            assert!(matches!(found, Unclear(_)), "{found:?}");
        }
        let Unclear(why) = compare(answer(&[1, 9])) else { panic!("it shows nothing") };
        assert!(why.contains("from token 2 on"), "{why}");

        let same = answer(&[1, 2, 3]);
        for other in [
            Generation { prompt_tokens: 6, ..same.clone() },
            Generation { prompt_tokens: 6, ..answer(&[4]) },
            Generation { text: "other".to_owned(), ..same.clone() },
            Generation { finish_reason: FinishReason::Length, ..same.clone() },
        ] {
            let found = compare(other);
            assert!(matches!(found, Differing(_)), "{found:?}");
        }
        let cut = compare(Generation { finish_reason: FinishReason::Time, ..same });
        assert!(matches!(cut, Unclear(_)), "{cut:?}");
    }

    #[test]
    fn an_answer_that_was_cut_too_early_is_wrong_by_itself() {
        let cut = Generation { finish_reason: FinishReason::Time, ..answer(&[1]) };
        assert!(find_plain_fault(&cut, false).is_some());
        assert_eq!(find_plain_fault(&cut, true), None);
        assert_eq!(find_plain_fault(&answer(&[1]), false), None);
    }

    #[test]
    fn every_answer_is_compared() {
        let output =
            |last: &[u32]| GenerationOutput { generations: vec![answer(&[1]), answer(last)] };
        assert_eq!(compare_outputs(&output(&[2]), &output(&[2])), Same);
        let Unclear(why) = compare_outputs(&output(&[2]), &output(&[3])) else {
            panic!("it shows nothing")
        };
        assert!(why.starts_with("answer 1: its tokens differ from token 1 on"), "{why}");
    }
}

//! Continuations of texts, whole and in parts.

use nosana_engine::{AnswerProgress, GeneratedText, GenerationEnd};
use serde_json::{Value, json};

use super::{
    chunks::{AnswerChunks, ResponseHead},
    finish_reason,
    logprobs::{count_chars, text_logprobs},
    usage_json,
};

/// The kind of the response and of its parts.
const OBJECT: &str = "text_completion";

/// Returns the response that has all continuations.
pub(crate) fn completion_response(
    head: &ResponseHead,
    answers: &[GeneratedText],
    has_logprobs: bool,
) -> Value {
    let ResponseHead { id, created, model, fingerprint } = head;
    let choice = |(index, answer): (usize, &GeneratedText)| {
        json!({
            "index": index,
            "text": answer.text,
            "logprobs": has_logprobs.then(|| text_logprobs(&answer.logprobs, 0)),
            "finish_reason": finish_reason(answer.end),
        })
    };

    let prompt_tokens = answers.iter().map(|answer| answer.prompt_tokens).sum();
    let answer_tokens = answers.iter().map(|answer| answer.token_ids.len()).sum();
    json!({
        "id": id,
        "object": OBJECT,
        "created": created,
        "model": model,
        "system_fingerprint": fingerprint,
        "choices": answers.iter().enumerate().map(choice).collect::<Vec<_>>(),
        "usage": usage_json(prompt_tokens, answer_tokens),
    })
}

/// Writes the parts of continuations.
pub(crate) struct CompletionChunks {
    pub head: ResponseHead,
    pub has_logprobs: bool,
    /// Parts have the field for the numbers of tokens, which only the last one fills.
    pub includes_usage: bool,
    /// Where the next token of each answer begins, in characters.
    pub offsets: Vec<usize>,
}

impl CompletionChunks {
    fn write_chunk(&self, choices: Value, usage: Value) -> Value {
        let ResponseHead { id, created, model, fingerprint } = &self.head;
        let mut chunk = json!({
            "id": id,
            "object": OBJECT,
            "created": created,
            "model": model,
            "system_fingerprint": fingerprint,
            "choices": choices,
        });

        if self.includes_usage
            && let Some(fields) = chunk.as_object_mut()
        {
            fields.insert("usage".to_owned(), usage);
        }
        chunk
    }
}

impl AnswerChunks for CompletionChunks {
    fn opening_chunk(&self) -> Option<Value> {
        None
    }

    fn progress_chunk(&mut self, index: usize, progress: AnswerProgress) -> Value {
        let AnswerProgress { text, logprobs } = progress;
        let start = self.offsets.get(index).copied().unwrap_or(0);
        let written = self.has_logprobs.then(|| text_logprobs(&logprobs, start));
        if let Some(offset) = self.offsets.get_mut(index) {
            *offset = start + count_chars(&logprobs);
        }

        let choice = json!([{
            "index": index, "text": text, "logprobs": written, "finish_reason": null,
        }]);
        self.write_chunk(choice, Value::Null)
    }

    fn end_chunk(&self, index: usize, end: GenerationEnd) -> Value {
        let choice = json!([{
            "index": index, "text": "", "logprobs": null, "finish_reason": finish_reason(end),
        }]);
        self.write_chunk(choice, Value::Null)
    }

    fn usage_chunk(&self, usage: Value) -> Value {
        self.write_chunk(json!([]), usage)
    }
}

#[cfg(test)]
mod tests {
    use nosana_engine::{TokenLogprob, TokenLogprobs};

    use super::*;

    fn head() -> ResponseHead {
        let text = |text: &str| text.to_owned();
        ResponseHead { id: text("i"), created: 1, model: text("m"), fingerprint: text("f") }
    }

    fn answer(text: &str, tokens: usize) -> GeneratedText {
        GeneratedText {
            text: text.into(),
            token_ids: vec![0; tokens],
            logprobs: Vec::new(),
            end: GenerationEnd::Model,
            prompt_tokens: 3,
        }
    }

    #[test]
    fn all_answers_are_choices_and_their_tokens_are_added() {
        let response = completion_response(&head(), &[answer("a", 1), answer("b", 4)], false);
        assert_eq!(response["choices"][1]["text"], "b");
        assert_eq!(response["choices"][1]["index"], 1);
        let usage = json!({ "prompt_tokens": 6, "completion_tokens": 5, "total_tokens": 11 });
        assert_eq!(response["usage"], usage);
    }

    #[test]
    fn offsets_continue_in_the_next_part_of_the_same_answer() {
        let mut chunks = CompletionChunks {
            head: head(),
            has_logprobs: true,
            includes_usage: false,
            offsets: vec![0; 2],
        };
        let mut offset = |index, text: &str| {
            let chosen = TokenLogprob { token_id: 1, bytes: text.into(), logprob: -1.0 };
            let logprobs = vec![TokenLogprobs { chosen, likeliest: Vec::new() }];
            let progress = AnswerProgress { text: text.into(), logprobs };
            chunks.progress_chunk(index, progress)["choices"][0]["logprobs"]["text_offset"][0]
                .as_u64()
                .unwrap()
        };
        assert_eq!([offset(0, "né"), offset(0, "b"), offset(1, "c"), offset(0, "d")], [0, 2, 0, 3]);
    }
}

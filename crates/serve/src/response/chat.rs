//! The next message of a chat, whole and in parts.

use nosana_engine::{AnswerProgress, GeneratedText, GenerationEnd};
use serde_json::{Value, json};

use super::{
    chunks::{AnswerChunks, ResponseHead},
    finish_reason,
    logprobs::chat_logprobs,
    usage_json,
};

/// Returns the response that has the whole message.
pub(crate) fn chat_response(
    head: &ResponseHead,
    answer: &GeneratedText,
    has_logprobs: bool,
) -> Value {
    let ResponseHead { id, created, model, fingerprint } = head;
    let logprobs = has_logprobs.then(|| chat_logprobs(&answer.logprobs));

    json!({
        "id": id,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "system_fingerprint": fingerprint,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": answer.text, "refusal": null },
            "logprobs": logprobs,
            "finish_reason": finish_reason(answer.end),
        }],
        "usage": usage_json(answer.prompt_tokens, answer.token_ids.len()),
    })
}

/// Writes the parts of a message.
pub(crate) struct ChatChunks {
    pub head: ResponseHead,
    pub has_logprobs: bool,
    /// Parts have the field for the numbers of tokens, which only the last one fills.
    pub includes_usage: bool,
}

impl ChatChunks {
    fn write_chunk(&self, choices: Value, usage: Value) -> Value {
        let ResponseHead { id, created, model, fingerprint } = &self.head;
        let mut chunk = json!({
            "id": id,
            "object": "chat.completion.chunk",
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

    fn write_choice(&self, delta: Value, logprobs: Value, reason: Option<&str>) -> Value {
        let choice = json!([{
            "index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason,
        }]);
        self.write_chunk(choice, Value::Null)
    }
}

impl AnswerChunks for ChatChunks {
    fn opening_chunk(&self) -> Option<Value> {
        let delta = json!({ "role": "assistant", "content": "", "refusal": null });
        Some(self.write_choice(delta, Value::Null, None))
    }

    fn progress_chunk(&mut self, _index: usize, progress: AnswerProgress) -> Value {
        let logprobs = match self.has_logprobs {
            true => chat_logprobs(&progress.logprobs),
            false => Value::Null,
        };
        self.write_choice(json!({ "content": progress.text }), logprobs, None)
    }

    fn end_chunk(&self, _index: usize, end: GenerationEnd) -> Value {
        self.write_choice(json!({}), Value::Null, Some(finish_reason(end)))
    }

    fn usage_chunk(&self, usage: Value) -> Value {
        self.write_chunk(json!([]), usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> ResponseHead {
        let text = |text: &str| text.to_owned();
        ResponseHead { id: text("i"), created: 1, model: text("m"), fingerprint: text("f") }
    }

    #[test]
    fn a_whole_message_has_its_usage() {
        let answer = GeneratedText {
            text: "Hello".into(),
            token_ids: vec![1, 2],
            logprobs: Vec::new(),
            end: GenerationEnd::Limit,
            prompt_tokens: 5,
        };
        let expected = json!({
            "id": "i", "object": "chat.completion", "created": 1, "model": "m",
            "system_fingerprint": "f",
            "choices": [{
                "index": 0, "logprobs": null, "finish_reason": "length",
                "message": { "role": "assistant", "content": "Hello", "refusal": null },
            }],
            "usage": { "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7 },
        });
        assert_eq!(chat_response(&head(), &answer, false), expected);
    }

    #[test]
    fn parts_have_the_field_of_usage_only_on_request() {
        let progress = || AnswerProgress { text: "Hi".into(), logprobs: Vec::new() };
        let mut chunks = ChatChunks { head: head(), has_logprobs: false, includes_usage: false };
        let chunk = chunks.progress_chunk(0, progress());
        assert_eq!(chunk["choices"][0]["delta"], json!({ "content": "Hi" }));
        assert_eq!(chunk.get("usage"), None);

        chunks.includes_usage = true;
        assert_eq!(chunks.progress_chunk(0, progress()).get("usage"), Some(&Value::Null));
        let last = chunks.usage_chunk(usage_json(1, 2));
        assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(3)));
        let end = chunks.end_chunk(0, GenerationEnd::Model);
        assert_eq!(end["choices"][0]["finish_reason"], "stop");
    }
}

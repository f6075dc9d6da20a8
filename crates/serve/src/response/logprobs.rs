//! How likely tokens were, in the forms of chats and of completions.

use nosana_engine::{TokenLogprob, TokenLogprobs};
use serde_json::{Map, Value, json};

/// The logarithm of a probability of zero: JSON has no infinity.
const NEVER: f32 = -9_999.0;

/// The form of chats: each token with the likeliest ones in its place.
pub(super) fn chat_logprobs(tokens: &[TokenLogprobs]) -> Value {
    let token = |TokenLogprobs { chosen, likeliest }: &TokenLogprobs| {
        let mut token = token_json(chosen);
        if let Some(fields) = token.as_object_mut() {
            let likeliest = likeliest.iter().map(token_json).collect();
            fields.insert("top_logprobs".to_owned(), Value::Array(likeliest));
        }
        token
    };

    json!({ "content": tokens.iter().map(token).collect::<Vec<_>>(), "refusal": null })
}

/// The form of completions: lists of equal length. `start` is where the first token begins, in
/// characters.
pub(super) fn text_logprobs(tokens: &[TokenLogprobs], start: usize) -> Value {
    let mut offset = start;
    let mut offsets = Vec::new();
    for token in tokens {
        offsets.push(offset);
        offset += token_chars(token);
    }

    let likeliest = |token: &TokenLogprobs| {
        let entry = |token: &TokenLogprob| (token_text(token), json!(finite_logprob(token)));
        Value::Object(token.likeliest.iter().map(entry).collect::<Map<_, _>>())
    };
    json!({
        "tokens": tokens.iter().map(|token| token_text(&token.chosen)).collect::<Vec<_>>(),
        "token_logprobs":
            tokens.iter().map(|token| finite_logprob(&token.chosen)).collect::<Vec<_>>(),
        "top_logprobs": tokens.iter().map(likeliest).collect::<Vec<_>>(),
        "text_offset": offsets,
    })
}

/// The characters of the tokens' texts.
pub(super) fn count_chars(tokens: &[TokenLogprobs]) -> usize {
    tokens.iter().map(token_chars).sum()
}

fn token_chars(token: &TokenLogprobs) -> usize {
    token_text(&token.chosen).chars().count()
}

fn token_json(token: &TokenLogprob) -> Value {
    json!({
        "token": token_text(token), "logprob": finite_logprob(token), "bytes": token.bytes,
    })
}

/// The text of a token. Those that are a part of a character are written as their bytes.
fn token_text(token: &TokenLogprob) -> String {
    match std::str::from_utf8(&token.bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let hex = token.bytes.iter().map(|byte| format!("\\x{byte:02x}"));
            format!("bytes:{}", hex.collect::<String>())
        }
    }
}

const fn finite_logprob(token: &TokenLogprob) -> f32 {
    if token.logprob.is_finite() { token.logprob } else { NEVER }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(bytes: &[u8], logprob: f32) -> TokenLogprob {
        TokenLogprob { token_id: 1, bytes: bytes.to_vec(), logprob }
    }

    #[test]
    fn tokens_have_text_bytes_and_the_likeliest_in_their_place() {
        let chosen = token(b"a", -0.5);
        let likeliest = vec![token(b"a", -0.5), token(b"\xf0\x9f", f32::NEG_INFINITY)];
        let tokens = [TokenLogprobs { chosen, likeliest }];

        let expected = json!({ "refusal": null, "content": [{
            "token": "a", "logprob": -0.5, "bytes": [97],
            "top_logprobs": [
                { "token": "a", "logprob": -0.5, "bytes": [97] },
                { "token": "bytes:\\xf0\\x9f", "logprob": -9999.0, "bytes": [240, 159] },
            ],
        }] });
        assert_eq!(chat_logprobs(&tokens), expected);

        let expected = json!({
            "tokens": ["a"], "token_logprobs": [-0.5], "text_offset": [4],
            "top_logprobs": [{ "a": -0.5, "bytes:\\xf0\\x9f": -9999.0 }],
        });
        assert_eq!(text_logprobs(&tokens, 4), expected);
        assert_eq!(count_chars(&tokens), 1);
    }
}

//! The fields that chats and completions share.

use nosana_engine::{GenerationOptions, Sampling};
use serde_json::Value;

use super::{
    fields::Fields,
    texts::{TextRules, read_texts},
};
use crate::{error::ApiError, identity::random_seed};

/// The most texts that end an answer.
const MAX_STOP_TEXTS: usize = 8;
/// The longest of them, in bytes.
const MAX_STOP_BYTES: usize = 256;

/// What to generate for each prompt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AnswerSettings {
    /// The most tokens of an answer; `None` for as many as are usual and fit.
    pub max_tokens: Option<usize>,
    /// The options of the engine, but for `max_tokens`.
    pub options: GenerationOptions,
    /// How the answer is sent, if not as a whole.
    pub stream: Option<StreamOptions>,
}

/// How an answer is sent in parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamOptions {
    /// The last part has the numbers of tokens.
    pub include_usage: bool,
}

/// Reads the shared fields. `max_tokens` and what concerns the form of answers differ.
pub(super) fn read_settings(
    fields: &Fields,
    max_tokens: Option<usize>,
) -> Result<AnswerSettings, ApiError> {
    let stop_rules = TextRules { max_count: MAX_STOP_TEXTS, accepts_empty: false };
    let stop = match fields.get("stop") {
        Some(Value::Array(texts)) if texts.is_empty() => Vec::new(),
        Some(_) => read_texts(fields, "stop", stop_rules)?,
        None => Vec::new(),
    };
    if stop.iter().any(|text| text.len() > MAX_STOP_BYTES) {
        let message = format!("`stop` has a text of more than {MAX_STOP_BYTES} bytes; shorten it");
        return Err(ApiError::invalid_field("stop", message));
    }

    let sampling = read_sampling(fields)?;
    let options = GenerationOptions { stop, sampling, ..GenerationOptions::default() };
    Ok(AnswerSettings { max_tokens, options, stream: read_stream(fields)? })
}

/// Reads how tokens are chosen. The defaults are OpenAI's, not the engine's.
fn read_sampling(fields: &Fields) -> Result<Sampling, ApiError> {
    let seed = match fields.get("seed") {
        None => random_seed(),
        Some(seed) => seed.as_i64().map(fold_seed).ok_or_else(|| {
            ApiError::invalid_field("seed", "`seed` is not a whole number of at most 64 bits")
        })?,
    };
    let top_k = fields.read_count("top_k", 0..=usize::from(u16::MAX))?.unwrap_or(0);

    Ok(Sampling {
        temperature: fields.read_number("temperature", 0.0..=2.0)?.unwrap_or(1.0),
        top_k: u32::try_from(top_k).unwrap_or(0),
        top_p: fields.read_number("top_p", 0.0..=1.0)?.unwrap_or(1.0),
        min_p: fields.read_number("min_p", 0.0..=1.0)?.unwrap_or(0.0),
        repeat_penalty: fields.read_number("repeat_penalty", 1.0..=2.0)?.unwrap_or(1.0),
        seed,
    })
}

fn read_stream(fields: &Fields) -> Result<Option<StreamOptions>, ApiError> {
    let options = fields.read_object("stream_options")?;
    let streams = fields.read_flag("stream")?;
    if options.is_some() && !streams {
        let message = "`stream_options` needs `stream`: true; set it, or remove the options";
        return Err(ApiError::invalid_field("stream_options", message));
    }

    let include_usage = options.map_or(Ok(false), |options| options.read_flag("include_usage"))?;
    Ok(streams.then_some(StreamOptions { include_usage }))
}

/// The engine's seeds have 32 bits. Seeds of so many bits stay as they are.
const fn fold_seed(seed: i64) -> u32 {
    let bits = seed.cast_unsigned();
    (bits ^ (bits >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    #[test]
    fn defaults_are_those_of_openai_and_the_seed_is_random() {
        let read = || read_settings(&fields(json!({})), None).unwrap();
        let AnswerSettings { max_tokens, options, stream } = read();
        assert_eq!((max_tokens, stream), (None, None));
        assert_eq!((options.sampling.temperature, options.sampling.top_p), (1.0, 1.0));
        assert!(options.stop.is_empty() && options.format.is_none());
        assert_ne!([read().options.sampling.seed, options.sampling.seed], [0, 0]);
    }

    #[test]
    fn settings_are_read() {
        let all = json!({
            "temperature": 0, "top_p": 0.5, "top_k": 40, "min_p": 0.1, "repeat_penalty": 1.1,
            "seed": 42, "stop": ["a", "b"], "stream": true,
            "stream_options": { "include_usage": true },
        });
        let AnswerSettings { options, stream, .. } = read_settings(&fields(all), Some(7)).unwrap();
        let sampling = Sampling {
            temperature: 0.0,
            top_k: 40,
            top_p: 0.5,
            min_p: 0.1,
            repeat_penalty: 1.1,
            seed: 42,
        };
        assert_eq!((options.sampling, options.stop), (sampling, vec!["a".into(), "b".into()]));
        assert_eq!(stream, Some(StreamOptions { include_usage: true }));

        let stop = |stop: Value| {
            read_settings(&fields(json!({ "stop": stop })), None).unwrap().options.stop
        };
        assert_eq!(stop(json!("end")), ["end"]);
        assert!(stop(json!([])).is_empty());
        assert_eq!([fold_seed(7), fold_seed(-1), fold_seed(1 << 32)], [7, 0, 1]);
    }

    #[test]
    fn wrong_settings_are_errors() {
        for (wrong, param) in [
            (json!({ "temperature": 2.1 }), "temperature"),
            (json!({ "top_p": "1" }), "top_p"),
            (json!({ "top_k": -1 }), "top_k"),
            (json!({ "seed": 1.5 }), "seed"),
            (json!({ "stop": "" }), "stop"),
            (json!({ "stop": vec!["a"; 9] }), "stop"),
            (json!({ "stop": "a".repeat(257) }), "stop"),
            (json!({ "stop": [1] }), "stop"),
            (json!({ "stream": 1 }), "stream"),
            (json!({ "stream_options": {} }), "stream_options"),
            (json!({ "stream": true, "stream_options": [] }), "stream_options"),
        ] {
            let (found, _) = problem(read_settings(&fields(wrong), None));
            assert_eq!(found, param);
        }
    }
}

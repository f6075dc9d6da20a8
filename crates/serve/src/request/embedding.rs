//! A request for the vectors of texts.

use serde_json::Value;

use super::{
    fields::Fields,
    refused::check_embedding_fields,
    texts::{TextRules, read_texts},
};
use crate::error::ApiError;

/// The most texts of a request. It is OpenAI's.
const MAX_TEXTS: usize = 2_048;

/// A request for the vectors of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmbeddingRequest {
    pub texts: Vec<String>,
    pub encoding: EncodingFormat,
}

/// How a vector is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EncodingFormat {
    /// A list of numbers.
    Float,
    /// Numbers of 32 bits, the lowest byte first, in base64.
    Base64,
}

impl EmbeddingRequest {
    /// Reads the fields of a request but for the model.
    pub(crate) fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        check_embedding_fields(fields)?;
        let rules = TextRules { max_count: MAX_TEXTS, accepts_empty: true };
        let texts = read_texts(fields, "input", rules)?;

        let encoding = match fields.get("encoding_format").map(Value::as_str) {
            None | Some(Some("float")) => EncodingFormat::Float,
            Some(Some("base64")) => EncodingFormat::Base64,
            Some(_) => {
                let message = "`encoding_format` is neither `float` nor `base64`; use one of them";
                return Err(ApiError::invalid_field("encoding_format", message));
            }
        };
        Ok(Self { texts, encoding })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::fields::tests::{fields, problem};

    fn read(request: Value) -> Result<EmbeddingRequest, ApiError> {
        EmbeddingRequest::from_fields(&fields(request))
    }

    #[test]
    fn texts_and_their_encoding_are_read() {
        let request = read(json!({ "input": ["a", ""] })).unwrap();
        assert_eq!((request.texts.len(), request.encoding), (2, EncodingFormat::Float));
        let request = read(json!({ "input": "a", "encoding_format": "base64" })).unwrap();
        assert_eq!((request.texts.len(), request.encoding), (1, EncodingFormat::Base64));
    }

    #[test]
    fn other_requests_are_refused() {
        for (wrong, param) in [
            (json!({}), "input"),
            (json!({ "input": [[1, 2]] }), "input"),
            (json!({ "input": vec!["a"; 2_049] }), "input"),
            (json!({ "input": "a", "encoding_format": "int8" }), "encoding_format"),
            (json!({ "input": "a", "encoding_format": 8 }), "encoding_format"),
            (json!({ "input": "a", "dimensions": 384 }), "dimensions"),
        ] {
            assert_eq!(problem(read(wrong)).0, param);
        }
    }
}

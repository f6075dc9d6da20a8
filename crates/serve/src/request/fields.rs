//! Reads fields of a JSON object, with errors that name the field.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::error::ApiError;

/// The fields of a request. A field that is `null` is absent.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses the body of a request.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(ApiError::invalid_body("the body is not a JSON object; send an object")),
            Err(error) => {
                Err(ApiError::invalid_body(format!("the body is not valid JSON: {error}")))
            }
        }
    }

    /// The value of a field, unless it is absent.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The value of a field that a request must have.
    pub(super) fn require(&self, name: &str) -> Result<&Value, ApiError> {
        self.get(name)
            .ok_or_else(|| ApiError::invalid_field(name, format!("`{name}` is missing; add it")))
    }

    /// The model that the request names.
    pub(crate) fn read_model(&self) -> Result<&str, ApiError> {
        let wrong = || ApiError::invalid_field("model", "`model` is not a text; name a model");
        self.require("model")?.as_str().ok_or_else(wrong)
    }

    /// A field that is true or false.
    pub(super) fn read_flag(&self, name: &str) -> Result<bool, ApiError> {
        let wrong = || ApiError::invalid_field(name, format!("`{name}` is not true or false"));
        self.get(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(wrong))
    }

    /// A number in a range.
    pub(super) fn read_number(
        &self,
        name: &str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f32>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };

        match value.as_f64().filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number as f32)),
            None => {
                let (least, most) = range.into_inner();
                let message = format!("`{name}` is not a number from {least} to {most}");
                Err(ApiError::invalid_field(name, message))
            }
        }
    }

    /// A whole number in a range.
    pub(super) fn read_count(
        &self,
        name: &str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };

        let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
        match count.filter(|count| range.contains(count)) {
            Some(count) => Ok(Some(count)),
            None => {
                let (least, most) = range.into_inner();
                let message = match most {
                    usize::MAX => format!("`{name}` is not a whole number of at least {least}"),
                    _ => format!("`{name}` is not a whole number from {least} to {most}"),
                };
                Err(ApiError::invalid_field(name, message))
            }
        }
    }

    /// A field that is an object.
    pub(super) fn read_object(&self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self(fields.clone()))),
            Some(_) => Err(ApiError::invalid_field(name, format!("`{name}` is not an object"))),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The fields of a JSON object.
    pub(in crate::request) fn fields(value: Value) -> Fields {
        Fields::parse(value.to_string().as_bytes()).unwrap()
    }

    /// The field and the text of an error.
    pub(in crate::request) fn problem<T>(result: Result<T, ApiError>) -> (String, String) {
        let error = result.err().unwrap().to_json();
        let text = |name: &str| error["error"][name].as_str().unwrap_or_default().to_owned();
        (text("param"), text("message"))
    }

    #[test]
    fn values_of_the_wrong_type_or_range_are_errors_that_name_the_field() {
        let fields = fields(serde_json::json!({
            "model": 7, "stream": "yes", "temperature": 3, "seed": null, "max_tokens": -1, "n": 1.5,
            "stop": [],
        }));
        let expect = |(param, message): (String, String), name: &str, text: &str| {
            assert_eq!((param.as_str(), message.as_str()), (name, text));
        };

        let text = "`model` is not a text; name a model";
        expect(problem(fields.read_model()), "model", text);
        expect(problem(fields.read_flag("stream")), "stream", "`stream` is not true or false");
        expect(
            problem(fields.read_number("temperature", 0.0..=2.0)),
            "temperature",
            "`temperature` is not a number from 0 to 2",
        );
        expect(
            problem(fields.read_count("max_tokens", 1..=usize::MAX)),
            "max_tokens",
            "`max_tokens` is not a whole number of at least 1",
        );
        let text = "`n` is not a whole number from 1 to 9";
        expect(problem(fields.read_count("n", 1..=9)), "n", text);
        expect(problem(fields.read_object("stop")), "stop", "`stop` is not an object");
        assert!(fields.read_number("seed", 0.0..=1.0).unwrap().is_none(), "null is absent");
        expect(problem(fields.require("seed")), "seed", "`seed` is missing; add it");
    }

    #[test]
    fn a_body_must_be_a_json_object() {
        let (_, message) = problem(Fields::parse(b"[1]"));
        assert_eq!(message, "the body is not a JSON object; send an object");
        let (_, message) = problem(Fields::parse(b"{\"a\": }"));
        assert_eq!(message, "the body is not valid JSON: expected value at line 1 column 7");
        let deep = "[".repeat(100_000);
        assert!(problem(Fields::parse(deep.as_bytes())).1.contains("recursion limit"));
    }
}

//! The form that an answer must have.

use nosana_job_spec::{AnswerFormat, MAX_FORMAT_BYTES};
use serde_json::{Value, json};

use super::fields::Fields;
use crate::error::{ApiError, quote_text};

/// Reads the field `response_format`. The engine checks the schema itself.
pub(super) fn read_format(fields: &Fields) -> Result<Option<AnswerFormat>, ApiError> {
    let Some(format) = fields.read_object("response_format")? else { return Ok(None) };

    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(AnswerFormat::JsonSchema(json!({ "type": "object" })))),
        Some("json_schema") => read_schema(&format).map(Some),
        Some(other) => refuse_format(
            "type",
            format!(
                "`{}` is not a format; use `text`, `json_object` or `json_schema`",
                quote_text(other)
            ),
        ),
        None => refuse_format(
            "type",
            "the type is missing; use `text`, `json_object` or `json_schema`".to_owned(),
        ),
    }
}

fn read_schema(format: &Fields) -> Result<AnswerFormat, ApiError> {
    let outer = format.read_object("json_schema")?;
    let Some(schema) = outer.as_ref().and_then(|outer| outer.get("schema")) else {
        let problem = "the schema is missing; add it";
        return refuse_format("json_schema.schema", problem.to_owned());
    };
    if !schema.is_object() {
        let problem = "the schema is not an object; send a JSON schema";
        return refuse_format("json_schema.schema", problem.to_owned());
    }

    let bytes = schema.to_string().len();
    if bytes > MAX_FORMAT_BYTES {
        let problem =
            format!("the schema has {bytes} bytes; at most {MAX_FORMAT_BYTES} are allowed");
        return refuse_format("json_schema.schema", problem);
    }
    Ok(AnswerFormat::JsonSchema(schema.clone()))
}

fn refuse_format<T>(part: &str, problem: String) -> Result<T, ApiError> {
    Err(ApiError::invalid_field(format!("response_format.{part}"), problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::fields::tests::{fields, problem};

    fn read(format: Value) -> Result<Option<AnswerFormat>, ApiError> {
        read_format(&fields(json!({ "response_format": format })))
    }

    #[test]
    fn formats_are_texts_objects_and_schemas() {
        assert_eq!(read(json!(null)).unwrap(), None);
        assert_eq!(read(json!({ "type": "text" })).unwrap(), None);
        let object = AnswerFormat::JsonSchema(json!({ "type": "object" }));
        assert_eq!(read(json!({ "type": "json_object" })).unwrap(), Some(object));

        let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
        let format = json!({
            "type": "json_schema",
            "json_schema": { "name": "a", "strict": true, "schema": schema },
        });
        assert_eq!(read(format).unwrap(), Some(AnswerFormat::JsonSchema(schema)));
    }

    #[test]
    fn other_formats_are_refused() {
        let large = json!({ "const": "a".repeat(MAX_FORMAT_BYTES) });
        for (wrong, param) in [
            (json!("text"), "response_format"),
            (json!({}), "response_format.type"),
            (json!({ "type": "yaml" }), "response_format.type"),
            (json!({ "type": "json_schema" }), "response_format.json_schema.schema"),
            (
                json!({ "type": "json_schema", "json_schema": { "name": "a" } }),
                "response_format.json_schema.schema",
            ),
            (
                json!({ "type": "json_schema", "json_schema": { "schema": 7 } }),
                "response_format.json_schema.schema",
            ),
            (
                json!({ "type": "json_schema", "json_schema": { "schema": large } }),
                "response_format.json_schema.schema",
            ),
        ] {
            assert_eq!(problem(read(wrong)).0, param);
        }
    }
}

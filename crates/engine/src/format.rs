//! The form that an answer must have: each token is chosen among those that can continue it.

use std::fmt::Display;

use llama_cpp_2::{model::LlamaModel, sampling::LlamaSampler};
use llguidance::{
    Matcher, ParserFactory,
    api::{ParserLimits, TopLevelGrammar},
    toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv},
};
use nosana_job_spec::AnswerFormat;

use crate::EngineError;

/// The most states of a lexer: some 40 MiB of memory.
const MAX_LEXER_STATES: usize = 20_000;
/// The most symbols of a grammar.
const MAX_GRAMMAR_SIZE: usize = 100_000;

/// Checks that answers can have this form.
///
/// # Errors
/// If the schema or the grammar is invalid, too large, or has a part that is not supported.
pub fn check_format(format: &AnswerFormat) -> Result<(), EngineError> {
    let bytes = ApproximateTokEnv::single_byte_env();
    GrammarCompiler::with_tokens(&bytes)?.compile(format).map(drop)
}

/// Compiles formats for the tokens of one model.
pub(crate) struct GrammarCompiler(ParserFactory);

impl GrammarCompiler {
    /// Reads the tokens of a model, which takes a while.
    pub(crate) fn for_model(model: &LlamaModel) -> Result<Self, EngineError> {
        Self::with_tokens(&LlamaSampler::llguidance_tok_env(model))
    }

    fn with_tokens(tokens: &TokEnv) -> Result<Self, EngineError> {
        let capabilities = InferenceCapabilities::default();
        let mut factory = ParserFactory::new(tokens, capabilities, &[]).map_err(format_error)?;

        factory.quiet();
        *factory.limits_mut() = ParserLimits {
            max_lexer_states: MAX_LEXER_STATES,
            max_grammar_size: MAX_GRAMMAR_SIZE,
            verbose_errors: false,
            ..ParserLimits::default()
        };
        Ok(Self(factory))
    }

    /// Compiles a format for one answer.
    pub(crate) fn compile(&self, format: &AnswerFormat) -> Result<Matcher, EngineError> {
        let parser = self.0.create_parser(grammar(format)).map_err(format_error)?;
        let matcher = Matcher::new(Ok(parser));

        match matcher.get_error() {
            Some(problem) => Err(EngineError::Format(problem)),
            None => Ok(matcher),
        }
    }
}

fn grammar(format: &AnswerFormat) -> TopLevelGrammar {
    match format {
        AnswerFormat::JsonSchema(schema) => TopLevelGrammar::from_json_schema(schema.clone()),
        AnswerFormat::Grammar(grammar) => TopLevelGrammar::from_lark(grammar.clone()),
    }
}

pub(crate) fn format_error(error: impl Display) -> EngineError {
    EngineError::Format(format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_and_grammars_are_checked() {
        let object = json!({
            "type": "object",
            "properties": { "name": { "type": "string" }, "age": { "type": "integer" } },
            "required": ["name", "age"],
            "additionalProperties": false,
        });
        check_format(&AnswerFormat::JsonSchema(object)).unwrap();
        check_format(&AnswerFormat::Grammar("start: \"yes\" | \"no\"".to_owned())).unwrap();

        for format in [
            AnswerFormat::JsonSchema(json!({ "type": "color" })),
            AnswerFormat::JsonSchema(json!({ "$ref": "https://example.com/schema.json" })),
            AnswerFormat::JsonSchema(json!({ "type": "integer", "minimum": 5, "maximum": 1 })),
            AnswerFormat::Grammar("start: missing".to_owned()),
            AnswerFormat::Grammar("start: /(/".to_owned()),
            AnswerFormat::Grammar(String::new()),
        ] {
            assert!(matches!(check_format(&format), Err(EngineError::Format(_))), "{format:?}");
        }
    }

    #[test]
    fn nested_repetitions_and_large_arrays_cost_little_time() {
        let begun = std::time::Instant::now();
        let nested = json!({ "type": "string", "pattern": "^((a{1,900}){1,900}){1,900}$" });
        let _ = check_format(&AnswerFormat::JsonSchema(nested));
        let large = json!({ "type": "array", "items": {}, "minItems": 1_000_000_000 });
        let _ = check_format(&AnswerFormat::JsonSchema(large));
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}

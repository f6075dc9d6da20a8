//! Prompts to tokens, by the chat template in the model's file.

use llama_cpp_2::{model::LlamaModel, token::LlamaToken, vocab::LlamaVocab};
use minijinja::{Environment, Error, ErrorKind, context, syntax::SyntaxConfig};
use minijinja_contrib::pycompat::unknown_method_callback;

use crate::EngineError;

/// Takes the place of the prompt while the template is rendered, if the prompt contains marks of the
/// template. A character for private use: no template contains it.
const PLACEHOLDER: &str = "\u{f8ff}";

/// The most steps of rendering a template. Those of published models take some hundred.
const MAX_STEPS: u64 = 1_000_000;

/// The chat template of a model.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    beginning: String,
    end: String,
}

impl ChatTemplate {
    /// Reads the template of a model.
    ///
    /// # Errors
    /// If the model has none, or an invalid one.
    pub(crate) fn from_model(model: &LlamaModel) -> Result<Self, EngineError> {
        let template = model.chat_template(None).map_err(|_| {
            EngineError::Template(
                "the file has no chat template, so it is not a model for prompts".to_owned(),
            )
        })?;
        let template =
            template.to_string().map_err(|error| EngineError::Template(error.to_string()))?;

        let vocab = model.vocab();
        let text = |token: LlamaToken| {
            vocab.text(token).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default()
        };
        Self::from_text(template, text(vocab.bos()), text(vocab.eos()))
    }

    /// Reads a template. `beginning` and `end` are the model's marks of texts.
    ///
    /// # Errors
    /// If the template is invalid.
    fn from_text(template: String, beginning: String, end: String) -> Result<Self, EngineError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| EngineError::Template(error.to_string()))?);
        environment.set_unknown_method_callback(unknown_method_callback);
        environment.set_fuel(Some(MAX_STEPS));
        environment.add_function("raise_exception", refuse_messages);
        environment
            .add_template_owned(NAME, template)
            .map_err(|error| EngineError::Template(error.to_string()))?;

        Ok(Self { environment, beginning, end })
    }

    /// The tokens that the model reads for `prompt`: the messages, and the start of the answer.
    ///
    /// Marks of the template that are written out in the messages are ordinary words: they end no
    /// message.
    pub(crate) fn encode_prompt(
        &self,
        vocab: &LlamaVocab<'_>,
        system: Option<&str>,
        prompt: &str,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let has_marks = |text: &str| {
            vocab.tokenize(text.as_bytes(), false, true)
                != vocab.tokenize(text.as_bytes(), false, false)
        };
        let texts: Vec<&str> = system.into_iter().chain([prompt]).collect();

        if !texts.iter().any(|text| has_marks(text)) {
            let rendered = self.render_messages(system, prompt)?;
            return Ok(vocab.tokenize(rendered.as_bytes(), true, true));
        }

        let rendered = self.render_messages(system.map(|_| PLACEHOLDER), PLACEHOLDER)?;
        let mut tokens = Vec::new();
        let mut texts = texts.into_iter();

        for (index, part) in rendered.split(PLACEHOLDER).enumerate() {
            if index > 0 {
                let text = texts.next().unwrap_or_default();
                tokens.extend(vocab.tokenize(text.as_bytes(), false, false));
            }
            tokens.extend(vocab.tokenize(part.as_bytes(), index == 0, true));
        }
        Ok(tokens)
    }

    fn render_messages(&self, system: Option<&str>, prompt: &str) -> Result<String, EngineError> {
        let message = |role: &str, content: &str| context! { role, content };
        let messages: Vec<_> = system
            .map(|system| message("system", system))
            .into_iter()
            .chain([message("user", prompt)])
            .collect();

        let template = self.environment.get_template(NAME);
        let rendered = template.and_then(|template| {
            template.render(context! {
                messages,
                add_generation_prompt => true,
                bos_token => &self.beginning,
                eos_token => &self.end,
            })
        });
        rendered.map_err(|error| EngineError::Template(error.to_string()))
    }
}

/// The name of the only template.
const NAME: &str = "chat";

/// Templates call it for messages that the model does not support.
fn refuse_messages(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Result<String, EngineError> {
        let template = ChatTemplate::from_text(template.into(), "<s>".into(), "</s>".into())?;
        template.render_messages(Some("Be brief."), "Hello")
    }

    #[test]
    fn a_template_gets_messages_and_marks() {
        let text = "{{ bos_token }}{% for message in messages %}\n\
                    [{{ message.role }}] {{ message.content.strip() }}{{ eos_token }}\n\
                    {% endfor %}\n{% if add_generation_prompt %}\n[assistant]{% endif %}\n";
        let rendered = "<s>[system] Be brief.</s>\n[user] Hello</s>\n[assistant]";
        assert_eq!(render(text).unwrap(), rendered);
    }

    #[test]
    fn a_template_that_refuses_is_broken_or_does_not_end_is_an_error() {
        let loops =
            "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
        for (template, expected) in [
            ("{{ raise_exception('no system message') }}", "no system message"),
            ("{% for %}", "syntax error"),
            (loops, "fuel"),
        ] {
            let error = render(template).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

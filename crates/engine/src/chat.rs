//! Prompts to tokens, by the chat template in the model's file.

use llama_cpp_2::{model::LlamaModel, token::LlamaToken, vocab::LlamaVocab};
use minijinja::{Environment, Error, ErrorKind, context, syntax::SyntaxConfig};
use minijinja_contrib::pycompat::unknown_method_callback;
use nosana_job_spec::{Message, MessageRole};

use crate::EngineError;

/// The first of the characters that take the places of messages while the template is rendered, if
/// a message contains marks of the template. They are for private use: no template contains them.
const FIRST_PLACEHOLDER: u32 = 0xe000;
/// The characters for private use from there on.
const PLACEHOLDERS: u32 = 0x1900;

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

    /// The tokens that the model reads for `messages`, and the start of the answer.
    ///
    /// Marks of the template that are written out in the messages are ordinary words: they end no
    /// message.
    pub(crate) fn encode_messages(
        &self,
        vocab: &LlamaVocab<'_>,
        messages: &[Message],
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let has_marks = |message: &Message| {
            let text = message.content.as_bytes();
            vocab.tokenize(text, false, true) != vocab.tokenize(text, false, false)
        };

        if !messages.iter().any(has_marks) {
            let rendered = self.render_messages(messages)?;
            return Ok(vocab.tokenize(rendered.as_bytes(), true, true));
        }

        let masked: Vec<Message> = messages.iter().zip(0..).map(mask_message).collect();
        let rendered = self.render_messages(&masked)?;
        let mut tokens = Vec::new();
        let mut rest = rendered.as_str();

        while let Some((before, index, after)) = split_placeholder(rest, messages.len()) {
            tokens.extend(vocab.tokenize(before.as_bytes(), tokens.is_empty(), true));
            if let Some(message) = messages.get(index) {
                tokens.extend(vocab.tokenize(message.content.as_bytes(), false, false));
            }
            rest = after;
        }
        tokens.extend(vocab.tokenize(rest.as_bytes(), tokens.is_empty(), true));
        Ok(tokens)
    }

    fn render_messages(&self, messages: &[Message]) -> Result<String, EngineError> {
        let message = |message: &Message| {
            let Message { role, content } = message;
            context! { role => role_name(*role), content }
        };
        let messages: Vec<_> = messages.iter().map(message).collect();

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

/// The name that templates use.
const fn role_name(role: MessageRole) -> &'static str {
    match role {
        MessageRole::System => "system",
        MessageRole::User => "user",
        MessageRole::Assistant => "assistant",
    }
}

/// Returns the message with its placeholder as content.
fn mask_message((message, index): (&Message, u32)) -> Message {
    let placeholder = char::from_u32(FIRST_PLACEHOLDER + index % PLACEHOLDERS);
    Message { role: message.role, content: placeholder.map(String::from).unwrap_or_default() }
}

/// Splits a text at the first placeholder of `count` messages. Returns the number of its message.
fn split_placeholder(text: &str, count: usize) -> Option<(&str, usize, &str)> {
    let number = |char: char| {
        let index = usize::try_from(u32::from(char).checked_sub(FIRST_PLACEHOLDER)?).ok()?;
        (index < count).then_some(index)
    };
    let (place, char) = text.char_indices().find(|&(_, char)| number(char).is_some())?;

    let (before, rest) = text.split_at_checked(place)?;
    Some((before, number(char)?, rest.get(char.len_utf8()..)?))
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
        let message = |role, content: &str| Message { role, content: content.to_owned() };
        let messages =
            [message(MessageRole::System, "Be brief."), message(MessageRole::User, "Hello")];
        template.render_messages(&messages)
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
    fn a_placeholder_names_its_message() {
        let text = "<user>\u{e001}</user><system>\u{e000}</system>";
        let (before, index, rest) = split_placeholder(text, 2).unwrap();
        assert_eq!((before, index), ("<user>", 1));
        assert_eq!(split_placeholder(rest, 2), Some(("</user><system>", 0, "</system>")));
        assert_eq!(split_placeholder("\u{e001}", 1), None, "no message has this number");
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

//! Prompts to answers.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use llama_cpp_2::token::LlamaToken;
use llguidance::Matcher;
use nosana_job_spec::{Message, MessageRole};

use crate::{
    Device, EngineError,
    answer::Answer,
    chat_model::ChatModel,
    generation::{AnswerEvent, GeneratedText, GenerationEnd, GenerationOptions},
    loaded::token_id,
    scheduler::{AnswerSink, Request, Scheduler},
};

/// How often a caller that waits for answers decides whether they may continue. Each time interrupts
/// one of the model's threads, for which the others wait then.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A model that answers prompts, on a device. All callers share one batch: answers that are
/// generated at the same time cost little more than one.
pub struct Generator {
    model: Arc<ChatModel>,
    scheduler: Scheduler,
}

/// What a model answers or continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Messages, which the model's chat template puts into its form.
    Chat(Vec<Message>),
    /// A text that the model continues.
    Text(String),
}

impl Prompt {
    /// One message of the user.
    pub fn question(text: impl Into<String>) -> Self {
        Self::Chat(vec![Message { role: MessageRole::User, content: text.into() }])
    }
}

/// An answer that is generated. Dropping this ends it.
pub struct RunningAnswer {
    /// The number of tokens that the model reads before the answer.
    pub prompt_tokens: usize,
    stop: Arc<AtomicBool>,
}

impl Drop for RunningAnswer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Generator {
    /// Loads the model from a GGUF file.
    ///
    /// # Errors
    /// If the file is not a model for prompts: it needs a chat template.
    pub fn load(path: &Path, device: &Device) -> Result<Self, EngineError> {
        let model = Arc::new(ChatModel::load(path, device)?);
        let scheduler = Scheduler::start(Arc::clone(&model))?;
        Ok(Self { model, scheduler })
    }

    /// Allows so many tokens of memory for keys and values. Without a call, the model takes what
    /// up to 16 answers need.
    pub fn allow_context(&self, tokens: usize) {
        self.scheduler.allow_cells(tokens);
    }

    /// Keeps room for requests of so many tokens with their answers, so that none has to wait until
    /// the others have ended.
    pub fn expect_tokens(&self, tokens: usize) {
        self.scheduler.expect_tokens(tokens);
    }

    /// Answers each prompt, beside those of other callers. `may_continue` is called several times a
    /// second; returning false stops generation and keeps the texts so far.
    ///
    /// # Errors
    /// If a prompt and its answer together could be longer than the model reads.
    pub fn generate(
        &self,
        prompts: &[Prompt],
        options: &GenerationOptions,
        may_continue: impl Fn() -> bool,
    ) -> Result<Vec<GeneratedText>, EngineError> {
        let questions = prompts
            .iter()
            .map(|prompt| self.encode_prompt(prompt, options.max_tokens))
            .collect::<Result<Vec<_>, _>>()?;
        if !may_continue() {
            let skip = |tokens| Answer::new(tokens).finish(GenerationEnd::Interrupted);
            return Ok(questions.into_iter().map(skip).collect());
        }

        let matcher = self.compile_format(options)?;
        let options = Arc::new(options.clone());
        let (sender, events) = mpsc::channel();
        // Dropped when this returns early, which ends the other answers.
        let running = RunningAnswer { prompt_tokens: 0, stop: Arc::default() };
        for (index, prompt) in questions.into_iter().enumerate() {
            let sender = sender.clone();
            self.scheduler.submit(Request {
                prompt,
                matcher: matcher.as_ref().map(Matcher::deep_clone),
                options: Arc::clone(&options),
                index,
                // Waking this thread for each token would slow the model's own threads.
                sink: Box::new(move |event| match event {
                    AnswerEvent::Progress(_) => true,
                    event => sender.send((index, event)).is_ok(),
                }),
                stop: Arc::clone(&running.stop),
            })?;
        }
        drop(sender);

        collect_answers(&events, prompts.len(), || {
            if !may_continue() {
                running.stop.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Answers one prompt, and passes what happens to `sink`, which returns false to end the answer.
    /// Returns once the answer waits for its turn.
    ///
    /// # Errors
    /// If the prompt and its answer together could be longer than the model reads.
    pub fn stream(
        &self,
        prompt: &Prompt,
        options: GenerationOptions,
        sink: AnswerSink,
    ) -> Result<RunningAnswer, EngineError> {
        let tokens = self.encode_prompt(prompt, options.max_tokens)?;
        let running = RunningAnswer { prompt_tokens: tokens.len(), stop: Arc::default() };

        self.scheduler.submit(Request {
            prompt: tokens,
            matcher: self.compile_format(&options)?,
            options: Arc::new(options),
            index: 0,
            sink,
            stop: Arc::clone(&running.stop),
        })?;
        Ok(running)
    }

    /// The most tokens of a prompt with its answer.
    pub fn max_tokens(&self) -> usize {
        self.model.max_tokens()
    }

    /// The tokens that the model reads for a prompt, including the marks of messages.
    pub fn prompt_ids(&self, prompt: &Prompt) -> Result<Vec<u32>, EngineError> {
        Ok(self.encode_prompt(prompt, 0)?.into_iter().map(token_id).collect())
    }

    /// How likely each token is to follow `tokens`, on an unbounded scale.
    pub fn next_logits(&self, tokens: &[u32]) -> Result<Vec<f32>, EngineError> {
        let token = |&id: &u32| LlamaToken::new(i32::try_from(id).unwrap_or(0));
        self.model.next_logits(&tokens.iter().map(token).collect::<Vec<_>>())
    }

    fn compile_format(&self, options: &GenerationOptions) -> Result<Option<Matcher>, EngineError> {
        options.format.as_ref().map(|format| self.model.compile_format(format)).transpose()
    }

    pub(crate) fn model(&self) -> &ChatModel {
        &self.model
    }

    pub(crate) fn encode_prompt(
        &self,
        prompt: &Prompt,
        max_tokens: usize,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        match prompt {
            Prompt::Chat(messages) => self.model.encode_messages(messages, max_tokens),
            Prompt::Text(text) => self.model.encode_text(text, max_tokens),
        }
    }
}

/// Waits for `count` answers, and calls `poll` meanwhile.
fn collect_answers(
    events: &Receiver<(usize, AnswerEvent)>,
    count: usize,
    poll: impl Fn(),
) -> Result<Vec<GeneratedText>, EngineError> {
    let mut answers: Vec<Option<GeneratedText>> = (0..count).map(|_| None).collect();
    let mut missing = count;

    while missing > 0 {
        poll();
        match events.recv_timeout(POLL_INTERVAL) {
            Ok((_, AnswerEvent::Progress(_))) | Err(RecvTimeoutError::Timeout) => {}
            Ok((index, AnswerEvent::End(answer))) => {
                missing -= 1;
                if let Some(place) = answers.get_mut(index) {
                    *place = Some(answer);
                }
            }
            Ok((_, AnswerEvent::Failed(error))) => return Err(error),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(EngineError::Device("the answers were lost".to_owned()));
            }
        }
    }
    Ok(answers.into_iter().flatten().collect())
}

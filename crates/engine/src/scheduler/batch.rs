//! The answers that run, and one step of all of them.

use llama_cpp_2::{context::LlamaContext, llama_batch::LlamaBatch};

use super::{request::Request, running::Running};
use crate::{
    EngineError,
    chat_model::{ChatModel, context_length},
    generation::GenerationEnd,
    token_batch::{BATCH_TOKENS, add_tokens},
};

/// A context with the answers that run in it.
pub(super) struct Batch<'model> {
    context: LlamaContext<'model>,
    /// The place of each sequence.
    places: Vec<Option<Running>>,
    /// The tokens of one sequence.
    sequence_tokens: usize,
}

/// A sequence whose next token the step computes, with the number of its output.
struct Output {
    sequence: usize,
    row: i32,
}

impl<'model> Batch<'model> {
    /// Creates a context for so many sequences of `tokens` tokens.
    pub fn new(
        model: &'model ChatModel,
        tokens: usize,
        sequences: usize,
    ) -> Result<Self, EngineError> {
        let context = model.new_context(tokens, sequences)?;
        let places = (0..sequences).map(|_| None).collect();
        Ok(Self { context, places, sequence_tokens: context_length(tokens) })
    }

    /// Whether no answer runs.
    pub fn is_idle(&self) -> bool {
        self.places.iter().all(Option::is_none)
    }

    /// How many answers can run.
    pub const fn sequences(&self) -> usize {
        self.places.len()
    }

    /// Whether a sequence is long enough for the request.
    pub fn fits(&self, request: &Request) -> bool {
        request.needed_tokens() <= self.sequence_tokens
    }

    /// Starts an answer, or returns the request if no sequence is free.
    pub fn start(&mut self, model: &ChatModel, request: Request) -> Option<Request> {
        let Some(place) = self.places.iter_mut().find(|place| place.is_none()) else {
            return Some(request);
        };

        *place = Some(Running::start(model, request));
        None
    }

    /// Lets the model read the next tokens of every running answer, and appends those that follow.
    ///
    /// # Errors
    /// If the device fails. The context is unusable then.
    pub fn run_step(&mut self, model: &ChatModel) -> Result<(), EngineError> {
        self.end_stopped()?;
        let mut batch = LlamaBatch::new(BATCH_TOKENS, 1);
        let outputs = self.fill_batch(&mut batch)?;
        if batch.n_tokens() == 0 {
            return Ok(());
        }

        self.context.decode(&mut batch).map_err(|error| EngineError::Device(error.to_string()))?;
        for output in outputs {
            self.append_token(model, &output)?;
        }
        Ok(())
    }

    /// Fails every answer that runs.
    pub fn fail_all(&mut self, error: &EngineError) {
        for running in self.places.iter_mut().filter_map(Option::take) {
            running.request.fail(EngineError::Device(error.to_string()));
        }
    }

    /// Ends the answers whose callers stopped them.
    fn end_stopped(&mut self) -> Result<(), EngineError> {
        for sequence in 0..self.places.len() {
            let is_stopped = |running: &mut Running| running.request.is_stopped();
            if let Some(running) = self.places.get_mut(sequence).and_then(|p| p.take_if(is_stopped))
            {
                running.end(GenerationEnd::Interrupted);
                self.clear_sequence(sequence)?;
            }
        }
        Ok(())
    }

    /// Adds the tokens that the model has not read: first those of answers, one each, then as much
    /// of the prompts as there is room for, so that a long prompt does not delay the answers.
    fn fill_batch(&mut self, batch: &mut LlamaBatch<'_>) -> Result<Vec<Output>, EngineError> {
        let mut outputs = Vec::new();
        let mut room = BATCH_TOKENS;

        for reads_prompts in [false, true] {
            let places = self.places.iter_mut().enumerate();
            for (sequence, running) in
                places.filter_map(|(index, place)| Some((index, place.as_mut()?)))
            {
                if running.answer.is_reading_prompt() != reads_prompts {
                    continue;
                }

                let (start, tokens) = running.answer.take_unread(room);
                room -= tokens.len();
                let has_tokens = !tokens.is_empty();
                add_tokens(batch, sequence, start, tokens)?;
                if has_tokens && running.answer.is_read() {
                    outputs.push(Output { sequence, row: batch.n_tokens() - 1 });
                }
            }
        }
        Ok(outputs)
    }

    /// Appends the token that follows in a sequence, and ends the answer if it is complete.
    fn append_token(&mut self, model: &ChatModel, output: &Output) -> Result<(), EngineError> {
        let Some(place) = self.places.get_mut(output.sequence) else { return Ok(()) };
        let Some(running) = place else { return Ok(()) };

        let appended = running.append_token(model, &self.context, output.row);
        if let Ok(None) = appended {
            return Ok(());
        }

        match (place.take(), appended) {
            (Some(running), Ok(Some(end))) => running.end(end),
            (Some(running), Err(error)) => running.request.fail(error),
            (None, _) | (_, Ok(None)) => {}
        }
        self.clear_sequence(output.sequence)
    }

    /// Frees the memory of a sequence for the next answer.
    fn clear_sequence(&mut self, sequence: usize) -> Result<(), EngineError> {
        let sequence = u32::try_from(sequence).unwrap_or(u32::MAX);
        let cleared = self.context.clear_kv_cache_seq(Some(sequence), None, None);

        match cleared {
            Ok(true) => Ok(()),
            Ok(false) => Err(EngineError::Device("its memory cannot be freed".to_owned())),
            Err(error) => Err(EngineError::Device(error.to_string())),
        }
    }
}

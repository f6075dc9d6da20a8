//! The prompts, and what is counted.

use nosana_engine::{GenerationOptions, SMOLLM2_135M_INSTRUCT};
use nosana_job_spec::{InferenceArgs, JobDefinition, Operation, Task};
use serde::{Deserialize, Serialize};

/// The most tokens of an answer. Answers of this model to these prompts do not end earlier.
pub const MAX_TOKENS: u32 = 128;
/// The requests of a measurement for each that runs at the same time: so many that the first and
/// the last ones, which do not fill a batch, weigh little.
const REQUESTS_EACH: usize = 4;
/// The fewest requests of a measurement.
const MIN_REQUESTS: usize = 8;

/// Returns the number of requests of a measurement.
pub fn count_requests(in_flight: usize) -> usize {
    in_flight.saturating_mul(REQUESTS_EACH).max(MIN_REQUESTS)
}

/// The tokens that were generated, and the time for them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// The requests that ran at the same time.
    pub in_flight: usize,
    /// The requests.
    pub requests: usize,
    /// The tokens of all answers.
    pub tokens: usize,
    /// The seconds from the first request to the last answer.
    pub seconds: f64,
}

impl Throughput {
    /// Returns the tokens in a second.
    pub fn tokens_per_second(&self) -> f64 {
        self.tokens as f64 / self.seconds
    }
}

/// Returns the prompt of a request; `number` is counted from 0.
pub fn choose_prompt(number: usize) -> String {
    format!("Write a long story about a computer with {} fans.", number + 2)
}

/// Returns how the engine answers, as [`build_definition`] requests it.
pub fn answer_options() -> GenerationOptions {
    GenerationOptions { max_tokens: MAX_TOKENS as usize, ..GenerationOptions::default() }
}

/// Returns the definition of the job with the same request.
pub fn build_definition(number: usize) -> JobDefinition {
    let model = SMOLLM2_135M_INSTRUCT.digest();
    let mut args = InferenceArgs::new(model, Task::Generation, vec![choose_prompt(number)]);
    args.max_tokens = Some(MAX_TOKENS);

    JobDefinition::new(vec![Operation::InferenceRun { id: "answer".to_owned(), args }])
}

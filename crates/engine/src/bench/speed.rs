//! Tokens in a second, as `llama-bench` measures them: `pp512` and `tg128`.

use std::time::{Duration, Instant};

use llama_cpp_2::{
    context::{LlamaContext, params::LlamaContextParams},
    llama_batch::LlamaBatch,
    token::LlamaToken,
};
use serde::{Deserialize, Serialize};

use crate::{
    DeviceKind, EngineError,
    loaded::{LoadedModel, nonzero_count},
};

const PROMPT_TOKENS: usize = 512;
const GENERATED_TOKENS: usize = 128;
/// The most rounds of a measurement.
const MAX_ROUNDS: usize = 5;
/// No round of a short measurement begins after this time.
const SHORT_TIMEOUT: Duration = Duration::from_secs(2);
/// No round of a full one: software in place of a GPU takes minutes for a round.
const FULL_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a measurement takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchmarkLength {
    /// Two seconds for each speed, on a CPU without a whole round before: what a node registers.
    /// The figures of a slow CPU are some per cent too low.
    Short,
    /// The median of five rounds after a whole one that warms up, as `llama-bench` measures: what is
    /// compared with other programs.
    Full,
}

impl BenchmarkLength {
    const fn timeout(self) -> Duration {
        match self {
            Self::Short => SHORT_TIMEOUT,
            Self::Full => FULL_TIMEOUT,
        }
    }

    /// Returns how many tokens are read before the first round. The first steps compile a GPU's
    /// shaders, which depend on the number of tokens; a CPU has to read the weights once.
    const fn warm_up_tokens(self, kind: DeviceKind) -> usize {
        match (self, kind) {
            (Self::Short, DeviceKind::Cpu) => 1,
            (
                Self::Short | Self::Full,
                DeviceKind::Discrete
                | DeviceKind::Integrated
                | DeviceKind::Software
                | DeviceKind::Cpu,
            ) => PROMPT_TOKENS,
        }
    }
}

/// A number of tokens, and the time for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// The tokens of a round.
    pub tokens: u64,
    /// The median time of a round, in seconds.
    pub median_seconds: f64,
    /// Tokens in a second, by the median time.
    pub tokens_per_second: f64,
}

/// Measures the speeds of reading and of generating.
pub(super) fn measure_speeds(
    loaded: &LoadedModel,
    kind: DeviceKind,
    length: BenchmarkLength,
) -> Result<(Speed, Speed), EngineError> {
    let count = nonzero_count(PROMPT_TOKENS);
    let params = LlamaContextParams::default()
        .with_n_ctx(Some(count))
        .with_n_batch(count.get())
        .with_n_ubatch(count.get());
    let mut context = loaded.new_context(params)?;

    // The values of tokens do not change the time.
    let token = loaded.model().vocab().eos();
    read_tokens(&mut context, &vec![token; length.warm_up_tokens(kind)], 0)?;

    let prompt = time_rounds(PROMPT_TOKENS, length.timeout(), || {
        context.clear_kv_cache();
        read_tokens(&mut context, &[token; PROMPT_TOKENS], 0)
    })?;
    let generation = time_rounds(GENERATED_TOKENS, length.timeout(), || {
        context.clear_kv_cache();
        (0..GENERATED_TOKENS).try_for_each(|place| read_tokens(&mut context, &[token], place))
    })?;
    Ok((prompt, generation))
}

/// Lets the model read tokens from the position `start`, and waits for it.
fn read_tokens(
    context: &mut LlamaContext<'_>,
    tokens: &[LlamaToken],
    start: usize,
) -> Result<(), EngineError> {
    let fail = |problem: String| EngineError::Device(problem);
    let mut batch = LlamaBatch::new(tokens.len(), 1);

    for (token, place) in tokens.iter().zip(start..) {
        let position = i32::try_from(place).map_err(|error| fail(error.to_string()))?;
        let is_last = place + 1 == start + tokens.len();
        batch.add(*token, position, &[0], is_last).map_err(|error| fail(error.to_string()))?;
    }

    context.decode(&mut batch).map_err(|error| fail(error.to_string()))?;
    context.synchronize();
    Ok(())
}

fn time_rounds(
    tokens: usize,
    timeout: Duration,
    mut round: impl FnMut() -> Result<(), EngineError>,
) -> Result<Speed, EngineError> {
    let mut seconds = Vec::new();
    let begin = Instant::now();

    while seconds.len() < MAX_ROUNDS && (seconds.is_empty() || begin.elapsed() < timeout) {
        let start = Instant::now();
        round()?;
        seconds.push(start.elapsed().as_secs_f64());
    }

    seconds.sort_by(f64::total_cmp);
    let median_seconds = seconds.get(seconds.len() / 2).copied().unwrap_or(f64::INFINITY);
    let tokens_per_second = tokens as f64 / median_seconds;
    Ok(Speed { tokens: tokens as u64, median_seconds, tokens_per_second })
}

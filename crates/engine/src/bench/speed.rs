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
/// No round begins after this time.
const ROUNDS_TIMEOUT: Duration = Duration::from_secs(2);

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
) -> Result<(Speed, Speed), EngineError> {
    let count = nonzero_count(PROMPT_TOKENS);
    let params = LlamaContextParams::default()
        .with_n_ctx(Some(count))
        .with_n_batch(count.get())
        .with_n_ubatch(count.get());
    let mut context = loaded.new_context(params)?;

    // The values of tokens do not change the time. The first steps compile a GPU's shaders, which
    // depend on the number of tokens. A CPU has to read the weights once.
    let token = loaded.model().vocab().eos();
    let warm_up = match kind {
        DeviceKind::Discrete | DeviceKind::Integrated | DeviceKind::Software => PROMPT_TOKENS,
        DeviceKind::Cpu => 1,
    };
    read_tokens(&mut context, &vec![token; warm_up], 0)?;

    let prompt = time_rounds(PROMPT_TOKENS, || {
        context.clear_kv_cache();
        read_tokens(&mut context, &[token; PROMPT_TOKENS], 0)
    })?;
    let generation = time_rounds(GENERATED_TOKENS, || {
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
    mut round: impl FnMut() -> Result<(), EngineError>,
) -> Result<Speed, EngineError> {
    let mut seconds = Vec::new();
    let begin = Instant::now();

    while seconds.len() < MAX_ROUNDS && (seconds.is_empty() || begin.elapsed() < ROUNDS_TIMEOUT) {
        let start = Instant::now();
        round()?;
        seconds.push(start.elapsed().as_secs_f64());
    }

    seconds.sort_by(f64::total_cmp);
    let median_seconds = seconds.get(seconds.len() / 2).copied().unwrap_or(f64::INFINITY);
    let tokens_per_second = tokens as f64 / median_seconds;
    Ok(Speed { tokens: tokens as u64, median_seconds, tokens_per_second })
}

//! A short benchmark of a device, on one pinned small model.
//!
//! | module | purpose |
//! | --- | --- |
//! | `speed` | tokens in a second, as `llama-bench` measures them |
//! | `bandwidth` | the rate at which the device reads weights |
//! | `memory` | the memory that models can use |

mod bandwidth;
mod memory;
mod speed;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use self::{
    bandwidth::WeightBandwidth,
    memory::UsableMemory,
    speed::{BenchmarkLength, Speed},
};
use crate::{
    Device, EngineError, GenerationOptions, Generator, ModelHeader, Prompt, loaded::LoadedModel,
};

/// A prompt whose answer is known.
const PROMPT: &str = "List the first five prime numbers.";
/// The beginning of the answer of SmolLM2-135M-Instruct.
const ANSWER: &str = "The first five prime numbers are 2";
/// The number of tokens of [`ANSWER`].
const ANSWER_TOKENS: usize = 8;

/// The measurements of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// The speed at which a prompt of 512 tokens is read: `pp512` of `llama-bench`.
    pub prompt: Speed,
    /// The speed at which 128 tokens are generated: `tg128` of `llama-bench`.
    pub generation: Speed,
    /// The rate at which weights are read meanwhile.
    pub bandwidth: WeightBandwidth,
    /// The memory of the device.
    pub memory: UsableMemory,
}

/// Measures the device with the file of [`SMOLLM2_135M_INSTRUCT`](crate::SMOLLM2_135M_INSTRUCT):
/// its usable memory, the speed at which it reads and generates, and the rate at which it reads
/// weights. Takes a second or two on a graphics card, several on a CPU, thirty if it is
/// [full](BenchmarkLength::Full). Memory that models and
/// other programs use at the time does not count as usable.
///
/// # Errors
/// If the file has no valid header, if the device fails, or gives a wrong answer.
pub fn run_benchmark(
    device: &Device,
    smollm2: &Path,
    length: BenchmarkLength,
) -> Result<Benchmark, EngineError> {
    let token_bytes = ModelHeader::read(smollm2)?.token_bytes();
    let memory = UsableMemory::of_device(device);
    check_answer(device, smollm2)?;

    let loaded = LoadedModel::load(smollm2, device)?;
    let (prompt, generation) = speed::measure_speeds(&loaded, device.info().kind, length)?;
    let bandwidth = WeightBandwidth::at_speed(token_bytes, &generation);
    Ok(Benchmark { prompt, generation, bandwidth, memory })
}

/// Checks that the device computes what others compute. The margins between the likeliest tokens of
/// this answer are larger than what rounding changes.
fn check_answer(device: &Device, smollm2: &Path) -> Result<(), EngineError> {
    let generator = Generator::load(smollm2, device)?;
    let options = GenerationOptions { max_tokens: ANSWER_TOKENS, ..GenerationOptions::default() };
    let answers = generator.generate(&[Prompt::question(PROMPT)], &options, || true)?;
    let text = answers.first().map(|answer| answer.text.as_str()).unwrap_or_default();

    if text != ANSWER {
        return Err(EngineError::WrongResult(format!("`{PROMPT}` is answered by `{text}`")));
    }
    Ok(())
}

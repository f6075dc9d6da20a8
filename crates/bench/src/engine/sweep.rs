//! Batches of several sizes on each device of the machine, without a market.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nosana_engine::{Device, DeviceInfo, DeviceKind, Embedder, Generator};
use serde::{Deserialize, Serialize};

use super::{
    direct::{answer_prompts, embed_sentences},
    throughput::{Throughput, time_requests},
    workload::answer_options,
};
use crate::progress::Part;

/// The answers of a batch.
const ANSWER_BATCHES: [usize; 5] = [1, 2, 4, 8, 16];
/// The most tokens of an answer.
const ANSWER_TOKENS: usize = 32;
/// The tokens that warm up a device: the first comes from reading the prompt, the next from a step.
const WARM_UP_TOKENS: usize = 2;
/// The sentences of a batch.
const SENTENCE_BATCHES: [usize; 3] = [1, 8, 32];
/// The sentences that are embedded with each size of batch.
const SENTENCES: usize = 64;
/// No batch begins after this time: software in place of a GPU takes seconds for a token.
const BATCHES_TIMEOUT: Duration = Duration::from_secs(20);

/// The speed of a device by the size of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceSweep {
    /// The device.
    pub device: DeviceInfo,
    /// Answers: tokens in a time. All requests of a measurement are one batch.
    pub answers: Vec<Throughput>,
    /// Sentences in a time.
    pub sentences: Vec<Throughput>,
}

/// Measures all devices, with the files of a model for answers and of one for sentences. A quick
/// sweep has only the smallest and the largest batch.
pub fn measure_devices(
    models: [&Path; 2],
    is_quick: bool,
    part: &Part,
) -> Result<Vec<DeviceSweep>> {
    let devices = Device::all()?;

    let measure = |device: &Device| {
        measure_device(device, models, is_quick, part)
            .with_context(|| format!("cannot measure batches on {}", device.info()))
    };
    devices.iter().map(measure).collect()
}

fn measure_device(
    device: &Device,
    [answering, embedding]: [&Path; 2],
    is_quick: bool,
    part: &Part,
) -> Result<DeviceSweep> {
    let info = device.info();

    let generator = Generator::load(answering, device)?;
    let options = answer_options(ANSWER_TOKENS);
    let batches = choose_batches(&ANSWER_BATCHES, is_quick);
    let answers = measure_batches(&batches, BATCHES_TIMEOUT, |batch| {
        part.set_step(format!("answers in batches of {batch} on {info}"));
        let warm_up = count_warm_up(info.kind, batch);
        answer_prompts(&generator, 0..warm_up, &answer_options(WARM_UP_TOKENS))?;

        time_requests(batch, batch, |numbers| answer_prompts(&generator, numbers, &options))
    })?;
    // Both models need not fit into a device's memory.
    drop(generator);

    let embedder = Embedder::load(embedding, device)?;
    let batches = choose_batches(&SENTENCE_BATCHES, is_quick);
    let sentences = measure_batches(&batches, BATCHES_TIMEOUT, |batch| {
        part.set_step(format!("sentences in batches of {batch} on {info}"));
        embed_sentences(&embedder, 0..1)?;

        time_requests(batch, SENTENCES, |numbers| embed_sentences(&embedder, numbers))
    })?;

    Ok(DeviceSweep { device: info.clone(), answers, sentences })
}

/// Returns the sizes of the batches that are measured.
fn choose_batches(all: &[usize], is_quick: bool) -> Vec<usize> {
    match all {
        [smallest, .., largest] if is_quick => vec![*smallest, *largest],
        all => all.to_vec(),
    }
}

/// Returns the prompts that warm up a device: the programs of a GPU, which it compiles when they
/// are first needed, depend on the size of the batch. A CPU has to read the weights once.
const fn count_warm_up(kind: DeviceKind, batch: usize) -> usize {
    match kind {
        DeviceKind::Discrete | DeviceKind::Integrated | DeviceKind::Software => batch,
        DeviceKind::Cpu => 1,
    }
}

/// Measures one batch after the other. None begins after `timeout`.
fn measure_batches(
    batches: &[usize],
    timeout: Duration,
    measure: impl FnMut(usize) -> Result<Throughput>,
) -> Result<Vec<Throughput>> {
    let begun = Instant::now();
    let in_time = batches.iter().copied().take_while(|_| begun.elapsed() < timeout);
    in_time.map(measure).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_quick_sweep_has_the_smallest_and_the_largest_batch() {
        assert_eq!(choose_batches(&ANSWER_BATCHES, true), [1, 16]);
        assert_eq!(choose_batches(&SENTENCE_BATCHES, true), [1, 32]);
        assert_eq!(choose_batches(&SENTENCE_BATCHES, false), SENTENCE_BATCHES);
        assert_eq!(choose_batches(&[4], true), [4]);
    }

    #[test]
    fn no_batch_begins_too_late() {
        let of_batch = |batch| Throughput { in_flight: batch, requests: 1, items: 1, seconds: 1.0 };
        let mut measured = Vec::new();
        let mut measure = |timeout: Duration| {
            measure_batches(&[1, 2], timeout, |batch| {
                measured.push(batch);
                Ok(of_batch(batch))
            })
        };

        assert_eq!(measure(Duration::MAX).unwrap(), [1, 2].map(of_batch));
        assert!(measure(Duration::ZERO).unwrap().is_empty());
        assert_eq!(measured, [1, 2]);
        assert!(measure_batches(&[1], Duration::MAX, |_| bail!("no device")).is_err());
    }
}

//! Records what an honest node of this machine computes.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use nosana_engine::{
    Device, DeviceChoice, DeviceKind, Embedder, Generator, ModelStore, find_cpu_library,
};

use super::{
    answered::{Answering, answer_questions},
    embedded::embed_texts,
    inputs::{EMBEDDING_MODEL, GENERATION_MODEL, InputSizes, Inputs},
    recording::{Recording, VERSION},
};
use crate::progress::Progress;

/// Options of a recording.
#[derive(Clone, Debug)]
pub struct RecordingConfig {
    /// What is embedded and answered.
    pub sizes: InputSizes,
    /// The device's number in [`Device::all`]; without one, the device that a node chooses.
    pub device: Option<usize>,
    /// The file to write.
    pub file: PathBuf,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// Embeds the texts and answers the questions as a node does, writes the file, and returns the name
/// of the device.
///
/// # Errors
/// If no device has the number, the device fails, or the file cannot be written.
pub fn record_device(config: &RecordingConfig) -> Result<String> {
    let inputs = Inputs::write(config.sizes);
    let device = open_device(config.device)?;
    // Found to be wrong now, not when everything is computed.
    if let Some(folder) = config.file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    }
    let is_cpu = device.info().kind == DeviceKind::Cpu;
    let library = if is_cpu { find_cpu_library()? } else { None };

    let progress = Progress::new(config.quiet);
    let models = ModelStore::in_user_cache()?;
    let part = progress.begin_part("embeddings");
    part.set_step(format!("on {}", device.info()));
    let embedder = Embedder::load(&models.ensure(EMBEDDING_MODEL)?, &device)?;
    let texts = embed_texts(&embedder, &inputs.texts, str::to_owned)?;
    part.finish(format!("{} texts", texts.len()));

    let part = progress.begin_part("answers");
    part.set_step(format!("on {}", device.info()));
    let generator = Generator::load(&models.ensure(GENERATION_MODEL)?, &device)?;
    let answers = answer_questions(&Answering::honest(&generator), &inputs)?;
    part.finish(format!("{} questions", answers.len()));

    let recording = Recording {
        version: VERSION,
        device: device.info().clone(),
        cpu_library: library.map(str::to_owned),
        inputs: inputs.identity(),
        texts,
        answers,
    };
    recording.write_to(&config.file)?;
    Ok(recording.describe_device())
}

fn open_device(number: Option<usize>) -> Result<Device> {
    let choice = number.map_or(DeviceChoice::Best, |number| DeviceChoice::Numbers(vec![number]));
    let device = Device::open_chosen(&choice)?.into_iter().next();
    device.context("llama.cpp has no device")
}

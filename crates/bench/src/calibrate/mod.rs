//! How far honest runs of a model differ, and how far runs that save work: what bounds of a
//! verification can be justified.
//!
//! | module | purpose |
//! | --- | --- |
//! | `texts` | the texts |
//! | `ways` | how honest nodes run models |
//! | `claims` | what the bounds claim to catch, and what they do not |
//! | `embeddings` | vectors and sketches of texts |
//! | `answers` | margins and sketches of answers |
//! | `case` | what one way to run the model gave |
//! | `report` | the figures as JSON, as text and as a page |

mod answers;
mod case;
mod claims;
mod embeddings;
mod report;
mod texts;
mod ways;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nosana_engine::{
    ALL_MINILM_L6_V2, Device, DeviceKind, Model, ModelStore, SMOLLM2_135M_INSTRUCT,
};

pub use self::{
    case::{Case, Spread},
    claims::Claim,
    report::CalibrationReport,
};
use crate::progress::Progress;

/// Options of a calibration.
#[derive(Clone, Debug)]
pub struct CalibrationConfig {
    /// How many texts are embedded.
    pub texts: usize,
    /// How many questions are answered.
    pub questions: usize,
    /// The most tokens of an answer.
    pub max_tokens: usize,
    /// A folder with variants of the embedding model, and one with those of the language model.
    /// Each file is a way to save work.
    pub variants: Option<[PathBuf; 2]>,
    /// Folder for the page and its data.
    pub out: PathBuf,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// A variant of a model's file.
struct Variant {
    name: String,
    path: PathBuf,
}

/// Runs everything on the CPU, then on the other devices and in each way that saves work, and
/// writes `calibration.json` and `calibration.html`.
///
/// # Errors
/// If a device fails, or a variant cannot be loaded.
pub fn run(config: &CalibrationConfig) -> Result<CalibrationReport> {
    let progress = Progress::new(config.quiet);
    let devices = Device::all()?;
    let is_reference = |device: &&Device| device.info().kind == DeviceKind::Cpu;
    let reference = devices.iter().rfind(is_reference).context("llama.cpp has no CPU backend")?;
    let others: Vec<&Device> =
        devices.iter().filter(|device| device.info() != reference.info()).collect();

    let mut ways = ways::list_ways(reference, &others);

    let part = progress.begin_part("embeddings");
    let variants = list_variants(config, 0)?;
    let model = ensure_model(&ALL_MINILM_L6_V2)?;
    let texts = texts::write_texts(config.texts);
    let embeddings = embeddings::measure(&model, &texts, reference, &ways, &variants, &part)?;
    part.finish(format!("{} texts", texts.len()));

    let part = progress.begin_part("answers");
    let variants = list_variants(config, 1)?;
    let model = ensure_model(&SMOLLM2_135M_INSTRUCT)?;
    let questions = texts::write_questions(config.questions);
    ways.extend(ways::list_steps(reference));
    let limit = config.max_tokens;
    let answers = answers::measure(&model, &questions, limit, reference, &ways, &variants, &part)?;
    part.finish(format!("{} questions", questions.len()));

    let mut report = CalibrationReport {
        reference: reference.info().clone(),
        texts: texts.len(),
        questions: questions.len(),
        max_tokens: config.max_tokens,
        embeddings,
        answers,
        page: PathBuf::new(),
    };
    report.write_to(&config.out)?;
    Ok(report)
}

fn ensure_model(model: &'static Model) -> Result<PathBuf> {
    Ok(ModelStore::in_user_cache()?.ensure(model)?)
}

/// Lists the GGUF files of a folder of variants, in the order of their names.
fn list_variants(config: &CalibrationConfig, index: usize) -> Result<Vec<Variant>> {
    let folder = config.variants.as_ref().and_then(|folders| folders.get(index));
    let Some(folder) = folder else { return Ok(Vec::new()) };

    let read = || format!("cannot read the folder {}", folder.display());
    let mut variants = Vec::new();
    for entry in fs::read_dir(folder).with_context(read)? {
        let path = entry.with_context(read)?.path();
        if path.extension().is_some_and(|extension| extension == "gguf") {
            variants.push(Variant { name: file_name(&path), path });
        }
    }
    variants.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(variants)
}

fn file_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

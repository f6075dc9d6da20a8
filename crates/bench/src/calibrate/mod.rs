//! How far honest runs of a model differ, and how far runs that save work: what bounds of a
//! verification can be justified.
//!
//! | module | purpose |
//! | --- | --- |
//! | `texts`, `inputs` | the texts, and what two runs must have in common to be compared |
//! | `ways`, `variants` | how honest nodes run models, and files that save work |
//! | `claims` | what the bounds claim to catch, and what they do not |
//! | `plan` | what is compared with the reference |
//! | `embedded`, `answered` | how a node makes a result, and how a panelist judges it |
//! | `embeddings`, `answers` | every way to do so, compared with the reference |
//! | `recorder` | records what an honest node of this machine computes |
//! | `recording`, `sketch_text` | the file with it |
//! | `foreign` | the files of other machines, builds and backends |
//! | `case` | what one way to run the model gave |
//! | `report` | the figures as JSON, as text and as a page |

mod answered;
mod answers;
mod case;
mod claims;
mod embedded;
mod embeddings;
mod foreign;
mod inputs;
mod plan;
mod recorder;
mod recording;
mod report;
mod sketch_text;
mod texts;
mod variants;
mod ways;

use std::path::PathBuf;

use anyhow::{Context, Result};
use nosana_engine::{Device, DeviceKind, ModelStore};

pub use self::{
    case::{Case, Spread},
    claims::Claim,
    inputs::InputSizes,
    recorder::{RecordingConfig, record_device},
    report::CalibrationReport,
};
use self::{
    foreign::read_recordings,
    inputs::{EMBEDDING_MODEL, GENERATION_MODEL, Inputs},
    plan::{OwnWays, Plan},
    variants::list_variants,
    ways::{HonestWay, list_steps, list_ways},
};
use crate::progress::Progress;

/// Options of a calibration.
#[derive(Clone, Debug)]
pub struct CalibrationConfig {
    /// What is embedded and answered.
    pub sizes: InputSizes,
    /// A folder with variants of the embedding model, and one with those of the language model.
    /// Each file is a way to save work.
    pub variants: Option<[PathBuf; 2]>,
    /// Files that [`record_device`] wrote on other machines, or by other builds. Each is an honest
    /// way.
    pub against: Vec<PathBuf>,
    /// Folder for the page and its data.
    pub out: PathBuf,
    /// Prints nothing to stderr.
    pub quiet: bool,
}

/// Runs everything on the CPU, then on the other devices and in each way that saves work, compares
/// the recordings, and writes `calibration.json` and `calibration.html`. With recordings and
/// without variants, only the recordings are compared.
///
/// # Errors
/// If a device fails, a variant cannot be loaded, or a recording cannot be compared.
pub fn run(config: &CalibrationConfig) -> Result<CalibrationReport> {
    let progress = Progress::new(config.quiet);
    let inputs = Inputs::write(config.sizes);
    let foreign = read_recordings(&config.against, &inputs.identity())?;
    let devices = Device::all()?;
    let is_reference = |device: &&Device| device.info().kind == DeviceKind::Cpu;
    let reference = devices.iter().rfind(is_reference).context("llama.cpp has no CPU backend")?;
    let models = ModelStore::in_user_cache()?;

    let part = progress.begin_part("embeddings");
    let own = config.list_own(reference, &devices, Vec::new(), 0)?;
    let plan = Plan { reference, foreign: &foreign, own };
    let model = models.ensure(EMBEDDING_MODEL)?;
    let embeddings = embeddings::measure(&model, &inputs.texts, &plan, &part)?;
    part.finish(format!("{} texts", inputs.texts.len()));

    let part = progress.begin_part("answers");
    let own = config.list_own(reference, &devices, list_steps(reference), 1)?;
    let plan = Plan { own, ..plan };
    let model = models.ensure(GENERATION_MODEL)?;
    let answers = answers::measure(&model, &inputs, &plan, &part)?;
    part.finish(format!("{} questions", inputs.questions.len()));

    let mut report = CalibrationReport {
        reference: reference.info().clone(),
        texts: inputs.texts.len(),
        questions: inputs.questions.len(),
        max_tokens: inputs.max_tokens,
        embeddings,
        answers,
        page: PathBuf::new(),
    };
    report.write_to(&config.out)?;
    Ok(report)
}

impl CalibrationConfig {
    /// Lists what this machine runs, with more ways of a task, and the variants of the folder with
    /// this number; `None` if recordings alone are compared.
    fn list_own(
        &self,
        reference: &Device,
        devices: &[Device],
        more: Vec<HonestWay>,
        folder: usize,
    ) -> Result<Option<OwnWays>> {
        if self.variants.is_none() && !self.against.is_empty() {
            return Ok(None);
        }

        let others: Vec<&Device> =
            devices.iter().filter(|device| device.info() != reference.info()).collect();
        let mut ways = list_ways(reference, &others);
        ways.extend(more);
        let folder = self.variants.as_ref().and_then(|folders| folders.get(folder));
        let variants = folder.map_or_else(|| Ok(Vec::new()), |folder| list_variants(folder))?;
        Ok(Some(OwnWays { ways, variants }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_compared_alone_unless_there_are_variants() {
        let folder = tempfile::tempdir().unwrap();
        let devices = Device::all().unwrap();
        let reference = devices.last().unwrap();
        let has_own = |against: &[&str], has_variants: bool| {
            let config = CalibrationConfig {
                sizes: InputSizes { texts: 1, questions: 1, max_tokens: 1 },
                variants: has_variants.then(|| [folder.path(), folder.path()].map(Into::into)),
                against: against.iter().map(PathBuf::from).collect(),
                out: folder.path().to_owned(),
                quiet: true,
            };
            config.list_own(reference, &devices, Vec::new(), 0).unwrap().is_some()
        };

        assert!(has_own(&[], false) && has_own(&[], true) && has_own(&["a.json"], true));
        assert!(!has_own(&["a.json"], false));
    }
}

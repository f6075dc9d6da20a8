//! A model as users name it: by its name, its digest, the place of its file, or a file.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use nosana_engine::{DownloadProgress, MODELS, Model, ModelFile, ModelStore};
use nosana_job_spec::{ModelDigest, ModelLocation, ModelRef, SourcedModel};

use super::size::ByteSize;

/// The arguments of which one names the model.
pub const CHOSEN_MODEL: &str = "chosen_model";

/// The model of a job.
#[derive(Debug, Args)]
pub struct ModelChoice {
    /// Model: a name of `nosana model list`, a digest, a file, or where its file is
    /// (hf://org/repo/file.gguf, https://…, ipfs://…)
    #[arg(long, value_name = "NAME|DIGEST|FILE|SOURCE", group = CHOSEN_MODEL)]
    model: Option<String>,
    /// Digest of the file of --model; without it, the file is downloaded to compute it
    #[arg(long, value_name = "sha256:…", requires = CHOSEN_MODEL)]
    digest: Option<ModelDigest>,
    /// Where nodes get the file from; can be repeated
    #[arg(long, value_name = "SOURCE", requires = CHOSEN_MODEL)]
    source: Vec<ModelLocation>,
    #[command(flatten)]
    bound: ModelsBound,
}

/// The bound of this user's models.
#[derive(Debug, Args)]
pub struct ModelsBound {
    /// Most space of models on this machine, such as 50GB: the least recently used one leaves for
    /// another one; without it none leaves
    #[arg(long, value_name = "SIZE", env = "NOSANA_MODELS_MAX")]
    models_max: Option<ByteSize>,
}

impl ModelsBound {
    /// The models of this user, of which some leave for others only if a bound is given.
    pub fn open_models(&self) -> Result<ModelStore> {
        let models = open_models()?;

        Ok(match self.models_max {
            Some(bound) => models.with_max_bytes(bound.0),
            None => models,
        })
    }
}

/// What a text on the command line means.
pub enum NamedModel {
    /// A model that this software knows.
    Known(&'static Model),
    /// A digest.
    Digest(ModelDigest),
    /// The place of a file.
    Location(ModelLocation),
}

impl NamedModel {
    /// Finds what a text means; `None` if it is the path of a file.
    pub fn find(text: &str) -> Result<Option<Self>> {
        let is_named = |model: &&Model| model.name.eq_ignore_ascii_case(text);
        if let Some(model) = MODELS.iter().find(is_named) {
            return Ok(Some(Self::Known(model)));
        }
        if text.starts_with("sha256:") {
            return Ok(Some(Self::Digest(text.parse()?)));
        }
        if text.contains("://") {
            return Ok(Some(Self::Location(text.parse()?)));
        }

        ensure!(
            Path::new(text).is_file(),
            "`{text}` is neither a model's name, a digest, a source nor a file; \
             `nosana model list` prints the names"
        );
        Ok(None)
    }
}

impl ModelChoice {
    /// The same choice, of the model that another argument names, if it names one.
    pub fn with_name(self, name: Option<String>) -> Self {
        Self { model: name.or(self.model), ..self }
    }

    /// Returns the model of a definition: the chosen one, else the default one.
    pub fn resolve(self, default: &'static Model) -> Result<ModelRef> {
        let Some(text) = self.model else { return Ok(default.digest().into()) };
        let mut sources = self.source;

        let digest = match NamedModel::find(&text)? {
            Some(NamedModel::Known(model)) => model.digest(),
            Some(NamedModel::Digest(digest)) => digest,
            Some(NamedModel::Location(location)) => {
                sources.insert(0, location.clone());
                match self.digest {
                    Some(digest) => digest,
                    None => pull_model(&self.bound.open_models()?, &location)?.digest(),
                }
            }
            None => {
                ensure!(
                    !sources.is_empty(),
                    "nodes cannot read {text}; say with --source where they get it from"
                );
                self.bound.open_models()?.import_model(Path::new(&text))?.digest()
            }
        };

        if self.digest.is_some_and(|given| given != digest) {
            bail!("the model {text} has the digest {digest}; correct --digest");
        }
        if sources.is_empty() {
            return Ok(digest.into());
        }
        let sources = sources.iter().map(ModelLocation::to_string).collect();
        Ok(ModelRef::Sourced(SourcedModel { digest, sources }))
    }
}

/// The models of this user, none of which leaves for another one: they may be those of a node. What
/// a user names may be in the user's own network.
pub fn open_models() -> Result<ModelStore> {
    Ok(ModelStore::in_user_cache()?.with_private_sources())
}

/// Downloads a model, and prints the progress to standard error.
pub fn pull_model(models: &ModelStore, location: &ModelLocation) -> Result<ModelFile> {
    let mut print = progress_printer();
    models.pull_model(location, &mut print).with_context(|| format!("cannot pull {location}"))
}

/// Prints a line for each tenth of a download.
pub fn progress_printer() -> impl FnMut(DownloadProgress) {
    let mut printed = 0;

    move |progress| {
        let Some(total) = progress.total_bytes.filter(|total| *total > 0) else { return };
        let tenths = progress.done_bytes.saturating_mul(10) / total;
        if tenths > printed {
            printed = tenths;
            eprintln!("{} of {}", ByteSize(progress.done_bytes), ByteSize(total));
        }
    }
}

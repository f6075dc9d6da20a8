//! `nosana model pull`: get a model.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use clap::Args;
use nosana_job_spec::{ModelDigest, ModelRef, SourcedModel};

use crate::commands::{
    model_source::{ModelsBound, NamedModel, progress_printer, pull_model},
    size::ByteSize,
};

/// The model, and the bound of the folder.
#[derive(Debug, Args)]
pub struct PullOptions {
    /// Name of `nosana model list`, file, or where the file is: hf://org/repo/file.gguf, https://…,
    /// http://… or ipfs://CID
    model: String,
    /// Digest that the file must have
    #[arg(long, value_name = "sha256:…")]
    digest: Option<ModelDigest>,
    #[command(flatten)]
    bound: ModelsBound,
    /// HTTP API of an IPFS node, for ipfs://
    #[arg(long, env = "NOSANA_IPFS")]
    ipfs: Option<String>,
}

/// Gets the model, unless it is on this machine. Prints its digest.
pub fn pull_named(options: &PullOptions) -> Result<()> {
    let models = options.bound.open_models()?.with_ipfs(options.ipfs.clone());
    let mut print = progress_printer();

    let file = match (NamedModel::find(&options.model)?, options.digest) {
        (Some(NamedModel::Known(model)), _) => {
            models.ensure_model(&model.digest().into(), &mut print)?
        }
        (Some(NamedModel::Digest(digest)), _) => models.ensure_model(&digest.into(), &mut print)?,
        (Some(NamedModel::Location(location)), Some(digest)) => {
            let sources = vec![location.to_string()];
            let model = ModelRef::Sourced(SourcedModel { digest, sources });
            models.ensure_model(&model, &mut print)?
        }
        (Some(NamedModel::Location(location)), None) => pull_model(&models, &location)?,
        (None, _) => models.import_model(Path::new(&options.model))?,
    };

    let digest = file.digest();
    ensure!(
        options.digest.is_none_or(|expected| expected == digest),
        "{} has the digest {digest}; correct --digest",
        options.model
    );
    let bytes = file.path().metadata().context("cannot read the file")?.len();
    println!("{digest}  {}  {}", ByteSize(bytes), file.path().display());
    Ok(())
}

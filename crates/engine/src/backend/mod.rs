//! llama.cpp, initialized once in a process.
//!
//! | module | purpose |
//! | --- | --- |
//! | `processor` | in a build for one kind of processor: whether this one is of that kind |
//! | `variants` | in a build with `cpu-variants`: loads the library for this processor |
//! | `loading_log` | which library llama.cpp says that it has loaded |

#[cfg(any(test, feature = "cpu-variants"))]
mod loading_log;
#[cfg(not(feature = "cpu-variants"))]
mod processor;
#[cfg(any(test, feature = "cpu-variants"))]
mod variants;

use std::sync::OnceLock;

use llama_cpp_2::{LogOptions, llama_backend::LlamaBackend, send_logs_to_tracing};

use crate::EngineError;

/// llama.cpp, and the library of its backend for the CPU.
struct StartedBackend {
    llama: LlamaBackend,
    cpu_library: Option<String>,
}

/// Returns llama.cpp, which the first call initializes.
///
/// # Errors
/// If llama.cpp has no backend for this processor.
pub(crate) fn backend() -> Result<&'static LlamaBackend, EngineError> {
    start_once().map(|started| &started.llama)
}

/// Returns the file name of the library that computes on the CPU, such as
/// `libggml-cpu-haswell.so`; `None` in a build without `cpu-variants`, which has that part itself.
///
/// # Errors
/// If llama.cpp has no backend for this processor.
pub fn find_cpu_library() -> Result<Option<&'static str>, EngineError> {
    start_once().map(|started| started.cpu_library.as_deref())
}

/// Returns the backends for graphics processors that were chosen for this build, by the names of
/// their features.
pub fn gpu_backends() -> Vec<&'static str> {
    let features = [
        ("vulkan", cfg!(feature = "vulkan")),
        ("cuda", cfg!(feature = "cuda")),
        ("metal", cfg!(feature = "metal")),
    ];
    features.into_iter().filter(|(_, is_built)| *is_built).map(|(name, _)| name).collect()
}

fn start_once() -> Result<&'static StartedBackend, EngineError> {
    static STARTED: OnceLock<Result<StartedBackend, String>> = OnceLock::new();

    let started = STARTED.get_or_init(|| {
        send_logs_to_tracing(LogOptions::default());
        let cpu_library = prepare_cpu()?;

        let llama = LlamaBackend::init().map_err(|error| error.to_string())?;
        Ok(StartedBackend { llama, cpu_library })
    });
    started.as_ref().map_err(|problem| EngineError::Backend(problem.clone()))
}

#[cfg(not(feature = "cpu-variants"))]
fn prepare_cpu() -> Result<Option<String>, String> {
    processor::check_processor().map(|()| None)
}

/// llama.cpp would look in more places if nothing was loaded before it is initialized.
#[cfg(feature = "cpu-variants")]
fn prepare_cpu() -> Result<Option<String>, String> {
    variants::load_libraries()
}

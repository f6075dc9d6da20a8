//! llama.cpp, initialized once in a process.

use std::sync::OnceLock;

use llama_cpp_2::{LogOptions, llama_backend::LlamaBackend, send_logs_to_tracing};

use crate::EngineError;

/// Returns llama.cpp, which the first call initializes.
///
/// # Errors
/// If this processor lacks the vector instructions that llama.cpp was compiled for.
pub(crate) fn backend() -> Result<&'static LlamaBackend, EngineError> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();

    let initialized = BACKEND.get_or_init(|| {
        check_processor()?;
        send_logs_to_tracing(LogOptions::default());
        LlamaBackend::init().map_err(|error| error.to_string())
    });
    initialized.as_ref().map_err(|problem| EngineError::Backend(problem.clone()))
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

/// Checks that the processor has the vector instructions that llama.cpp was compiled for: without
/// them its first product ends the process.
#[cfg(target_arch = "x86_64")]
fn check_processor() -> Result<(), String> {
    let compiled_for = [
        ("AVX2", option_env!("GGML_AVX2"), is_x86_feature_detected!("avx2")),
        ("FMA", option_env!("GGML_FMA"), is_x86_feature_detected!("fma")),
        ("F16C", option_env!("GGML_F16C"), is_x86_feature_detected!("f16c")),
        ("BMI2", option_env!("GGML_BMI2"), is_x86_feature_detected!("bmi2")),
    ];

    let missing: Vec<_> = compiled_for
        .into_iter()
        .filter(|(_, setting, is_present)| *setting == Some("ON") && !is_present)
        .map(|(name, ..)| name)
        .collect();

    if missing.is_empty() {
        return Ok(());
    }

    let settings: Vec<_> = missing.iter().map(|name| format!("GGML_{name}=OFF")).collect();
    Err(format!(
        "this program was compiled for processors with {}, which this one lacks; compile it with \
         {} in the environment",
        missing.join(", "),
        settings.join(" ")
    ))
}

#[cfg(not(target_arch = "x86_64"))]
const fn check_processor() -> Result<(), String> {
    Ok(())
}

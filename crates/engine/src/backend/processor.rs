//! In a build for one kind of processor: whether this processor is of that kind.

/// Vector instructions that llama.cpp may be compiled for.
#[cfg(target_arch = "x86_64")]
struct Instructions {
    name: &'static str,
    /// The variable of the build that decides it.
    variable: &'static str,
    /// Its value when this program was compiled.
    setting: Option<&'static str>,
    /// Whether this processor has them.
    is_present: bool,
}

/// Checks that the processor has the vector instructions that llama.cpp was compiled for: without
/// them its first product ends the process.
#[cfg(target_arch = "x86_64")]
pub(super) fn check_processor() -> Result<(), String> {
    macro_rules! instructions {
        ($name:literal, $variable:literal, $($feature:tt)&&+) => {
            Instructions {
                name: $name,
                variable: $variable,
                setting: option_env!($variable),
                is_present: $(is_x86_feature_detected!($feature))&&+,
            }
        };
    }

    check_instructions(&[
        instructions!("SSE4.2", "GGML_SSE42", "sse4.2"),
        instructions!("AVX", "GGML_AVX", "avx"),
        instructions!("AVX2", "GGML_AVX2", "avx2"),
        instructions!("FMA", "GGML_FMA", "fma"),
        instructions!("F16C", "GGML_F16C", "f16c"),
        instructions!("BMI2", "GGML_BMI2", "bmi2"),
        instructions!(
            "AVX-512",
            "GGML_AVX512",
            "avx512f" && "avx512cd" && "avx512vl" && "avx512dq" && "avx512bw"
        ),
        instructions!("AVX-512 VBMI", "GGML_AVX512_VBMI", "avx512vbmi"),
        instructions!("AVX-512 VNNI", "GGML_AVX512_VNNI", "avx512vnni"),
        instructions!("AVX-512 BF16", "GGML_AVX512_BF16", "avx512bf16"),
    ])
}

#[cfg(target_arch = "x86_64")]
fn check_instructions(all: &[Instructions]) -> Result<(), String> {
    let missing: Vec<_> =
        all.iter().filter(|one| one.setting == Some("ON") && !one.is_present).collect();
    if missing.is_empty() {
        return Ok(());
    }

    let names: Vec<_> = missing.iter().map(|one| one.name).collect();
    let settings: Vec<_> = missing.iter().map(|one| format!("{}=OFF", one.variable)).collect();
    Err(format!(
        "this program was compiled for processors with {}, which this one lacks; compile it with \
         {} in the environment",
        names.join(", "),
        settings.join(" ")
    ))
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) const fn check_processor() -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn missing_instructions_are_named_with_their_settings() {
        let one = |name, variable, setting, is_present| Instructions {
            name,
            variable,
            setting,
            is_present,
        };
        let missing = check_instructions(&[
            one("SSE4.2", "GGML_SSE42", Some("ON"), false),
            one("AVX", "GGML_AVX", Some("ON"), false),
            one("AVX2", "GGML_AVX2", Some("OFF"), false),
            one("FMA", "GGML_FMA", None, false),
            one("F16C", "GGML_F16C", Some("ON"), true),
        ]);

        let missing = missing.unwrap_err();
        assert!(missing.contains("processors with SSE4.2, AVX, which"), "{missing}");
        assert!(missing.contains("with GGML_SSE42=OFF GGML_AVX=OFF in"), "{missing}");
        check_instructions(&[one("AVX", "GGML_AVX", Some("ON"), true)]).unwrap();
    }
}

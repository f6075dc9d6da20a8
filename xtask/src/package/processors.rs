//! Which of llama.cpp's libraries this machine's processor supports, without asking llama.cpp.

use std::{collections::BTreeSet, fs};

/// Where Linux lists what the processor has.
const CPU_INFO: &str = "/proc/cpuinfo";

const AVX2: &str = "sse4_2 avx f16c fma avx2 bmi2";
const AVX512: &str = "avx512f avx512cd avx512vl avx512dq avx512bw";
const VBMI: &str = "avx512vbmi";
const VNNI: &str = "avx512_vnni";
const BF16: &str = "avx512_bf16";

/// llama.cpp's kinds of x86-64 processors, each with what it needs, by Linux's names.
const VARIANTS: [(&str, &[&str]); 14] = [
    ("x64", &[]),
    ("sse42", &["sse4_2"]),
    ("sandybridge", &["sse4_2 avx"]),
    ("ivybridge", &["sse4_2 avx f16c"]),
    ("piledriver", &["sse4_2 avx f16c fma"]),
    ("haswell", &[AVX2]),
    ("alderlake", &[AVX2, "avx_vnni"]),
    ("skylakex", &[AVX2, AVX512]),
    ("cannonlake", &[AVX2, AVX512, VBMI]),
    ("cascadelake", &[AVX2, AVX512, VNNI]),
    ("icelake", &[AVX2, AVX512, VBMI, VNNI]),
    ("cooperlake", &[AVX2, AVX512, VNNI, BF16]),
    ("zen4", &[AVX2, AVX512, VBMI, VNNI, BF16]),
    ("sapphirerapids", &[AVX2, AVX512, VBMI, VNNI, BF16, "amx_int8"]),
];

/// What a processor has.
pub struct Processor {
    flags: BTreeSet<String>,
}

impl Processor {
    /// This machine's; without flags if the system does not list them by these names.
    pub fn detect() -> Self {
        Self::parse(&fs::read_to_string(CPU_INFO).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let line = text.lines().find(|line| line.starts_with("flags"));
        let flags = line.and_then(|line| line.split_once(':')).map(|(_, flags)| flags);

        Self { flags: flags.unwrap_or_default().split_whitespace().map(str::to_owned).collect() }
    }

    /// Whether it supports the library for this kind of processor; `None` if that is not known.
    pub fn supports(&self, variant: &str) -> Option<bool> {
        if self.flags.is_empty() {
            return None;
        }

        let (_, needed) = VARIANTS.iter().find(|(name, _)| *name == variant)?;
        let mut needed = needed.iter().flat_map(|group| group.split_whitespace());
        Some(needed.all(|flag| self.flags.contains(flag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_supported_if_all_it_needs_is_there() {
        let text = "model name\t: x\nflags\t\t: fpu sse4_2 avx f16c fma avx2 bmi2\n";
        let processor = Processor::parse(text);
        for (variant, expected) in [
            ("x64", Some(true)),
            ("piledriver", Some(true)),
            ("haswell", Some(true)),
            ("alderlake", Some(false)),
            ("zen4", Some(false)),
            ("armv8.2_1", None),
        ] {
            assert_eq!(processor.supports(variant), expected, "{variant}");
        }
        assert_eq!(Processor::parse("Features : fp asimd\n").supports("x64"), None);
    }
}

//! A node's commitment to its hardware.

use nosana_job_spec::Digest;
use serde::{Deserialize, Serialize};

use crate::{Benchmark, DeviceInfo, DeviceKind, SMOLLM2_TOKEN_BYTES};

/// The version of the commitment's canonical form.
pub const HARDWARE_VERSION: &str = "nosana-hardware/4";

/// The highest speed of generation in a commitment, in tokens a second: many times that of the
/// fastest device today.
const MAX_GENERATION: u64 = 1 << 16;

/// A node's statement about its hardware. The chain stores the digest of its canonical form. Names
/// can be forged: anyone who relies on a node's speed should measure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardwareCommitment {
    /// [`HARDWARE_VERSION`].
    pub version: String,
    /// The device's name; several names are joined by ` + `, in the order in which the node uses
    /// the devices.
    pub device: String,
    /// The part of llama.cpp that drives it: `cpu`, `vulkan`, `cuda` or `metal`; the first
    /// device's.
    pub backend: String,
    /// The kind of device; the first device's.
    pub kind: DeviceKind,
    /// The number of devices that work in parallel.
    pub devices: u64,
    /// The speed of reading a prompt, rounded; the slowest device's.
    pub prompt_tokens_per_second: u64,
    /// The speed of generating, rounded; the slowest device's.
    pub generated_tokens_per_second: u64,
    /// The rate of reading weights while generating: [`SMOLLM2_TOKEN_BYTES`] times
    /// `generated_tokens_per_second`. About the device's memory bandwidth, see
    /// [`WeightBandwidth`](crate::WeightBandwidth).
    pub weights_bytes_per_second: u64,
    /// The memory that one job can use, in MiB; the smallest device's.
    pub vram_mib: u64,
}

impl HardwareCommitment {
    /// The commitment to these devices with their measurements. A job runs on any one of them, so
    /// the smallest of each number counts. Without devices all numbers are zero.
    pub fn new<'a>(measured: impl IntoIterator<Item = (&'a DeviceInfo, &'a Benchmark)>) -> Self {
        let (infos, benchmarks): (Vec<_>, Vec<_>) = measured.into_iter().unzip();
        let smallest = |number: fn(&Benchmark) -> u64| {
            benchmarks.iter().map(|one| number(one)).min().unwrap_or(0)
        };

        Self::from_parts(
            &infos,
            smallest(|one| one.prompt.tokens_per_second.round() as u64),
            // `recognize` tries no higher values.
            smallest(|one| one.generation.tokens_per_second.round() as u64).min(MAX_GENERATION),
            smallest(|one| one.memory.mib),
        )
    }

    fn from_parts(
        infos: &[&DeviceInfo],
        prompt_tokens_per_second: u64,
        generated_tokens_per_second: u64,
        vram_mib: u64,
    ) -> Self {
        let names: Vec<_> = infos.iter().map(|info| info.name.as_str()).collect();

        Self {
            version: HARDWARE_VERSION.into(),
            device: names.join(" + "),
            backend: infos.first().map(|info| info.backend.clone()).unwrap_or_default(),
            kind: infos.first().map_or(DeviceKind::Cpu, |info| info.kind),
            devices: infos.len() as u64,
            prompt_tokens_per_second,
            generated_tokens_per_second,
            weights_bytes_per_second: weights_rate(generated_tokens_per_second),
            vram_mib,
        }
    }

    /// The earlier commitment of these devices with this digest; `None` if the digest is not one of
    /// theirs.
    ///
    /// The chain stores the speed of reading and the memory in addition to the digest, but not the
    /// speed of generating, from which the rate of reading weights follows: this tries all values
    /// that it can have.
    pub fn recognize(
        infos: &[&DeviceInfo],
        digest: Digest,
        prompt_tokens_per_second: u64,
        vram_mib: u64,
    ) -> Option<Self> {
        let mut tried = Self::from_parts(infos, prompt_tokens_per_second, 0, vram_mib);

        (0..=MAX_GENERATION).find(|&speed| {
            tried.generated_tokens_per_second = speed;
            tried.weights_bytes_per_second = weights_rate(speed);
            tried.digest().is_ok_and(|tried_digest| tried_digest == digest)
        })?;
        Some(tried)
    }

    /// Compact JSON with the fields in the order in which this type declares them.
    ///
    /// # Errors
    /// If it cannot be written as JSON. No value of this type is known to cause that.
    pub fn canonical_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The SHA-256 of the canonical form.
    ///
    /// # Errors
    /// As [`canonical_json`](Self::canonical_json).
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        Ok(Digest::of(self.canonical_json()?.as_bytes()))
    }
}

/// The bytes of weights that are read in a second at this speed of generating.
const fn weights_rate(generated_tokens_per_second: u64) -> u64 {
    generated_tokens_per_second.saturating_mul(SMOLLM2_TOKEN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Speed, UsableMemory, WeightBandwidth};

    fn card(name: &str) -> DeviceInfo {
        DeviceInfo {
            name: name.to_owned(),
            backend: "vulkan".to_owned(),
            kind: DeviceKind::Discrete,
        }
    }

    fn speed(tokens_per_second: f64) -> Speed {
        Speed { tokens: 1, median_seconds: 1.0, tokens_per_second }
    }

    fn measured(prompt: f64, generation: f64, mib: u64) -> Benchmark {
        let generation = speed(generation);
        Benchmark {
            prompt: speed(prompt),
            bandwidth: WeightBandwidth::at_speed(SMOLLM2_TOKEN_BYTES, &generation),
            generation,
            memory: UsableMemory { mib },
        }
    }

    #[test]
    fn the_commitment_has_one_canonical_form() {
        let commitment = HardwareCommitment::new([(&card("A card"), &measured(12.4, 7.5, 1_024))]);
        let json = commitment.canonical_json().unwrap();
        let expected = concat!(
            r#"{"version":"nosana-hardware/4","device":"A card","backend":"vulkan","#,
            r#""kind":"discrete","devices":1,"prompt_tokens_per_second":12,"#,
            r#""generated_tokens_per_second":8,"weights_bytes_per_second":772614144,"#,
            r#""vram_mib":1024}"#,
        );

        assert_eq!(json, expected);
        assert_eq!(commitment.digest().unwrap(), Digest::of(expected.as_bytes()));
    }

    #[test]
    fn several_devices_commit_to_the_smallest_numbers() {
        let (one, other) = (card("One"), card("Other"));
        let (quick, roomy) = (measured(90.0, 900.0, 8_192), measured(40.0, 500.0, 24_576));
        let both = HardwareCommitment::new([(&one, &quick), (&other, &roomy)]);
        assert_eq!((both.device.as_str(), both.devices), ("One + Other", 2));
        assert_eq!(
            (both.prompt_tokens_per_second, both.generated_tokens_per_second, both.vram_mib),
            (40, 500, 8_192)
        );
        // 500 tokens a second, each of which reads 96,576,768 bytes of weights.
        assert_eq!(both.weights_bytes_per_second, 48_288_384_000);
    }

    #[test]
    fn a_commitment_is_recognized_by_its_digest() {
        let (one, other) = (card("One"), card("Other"));
        let made = HardwareCommitment::new([(&one, &measured(90.0, 3_352.0, 81_920))]);
        let digest = made.digest().unwrap();
        assert_eq!(HardwareCommitment::recognize(&[&one], digest, 90, 81_920), Some(made));
        for (infos, speed, vram_mib) in [
            (&[&other][..], 90, 81_920),
            (&[&one, &one], 90, 81_920),
            (&[&one], 91, 81_920),
            (&[&one], 90, 0),
        ] {
            assert_eq!(HardwareCommitment::recognize(infos, digest, speed, vram_mib), None);
        }
        let beyond = HardwareCommitment::new([(&one, &measured(1.0, 1e9, 1))]);
        assert!(HardwareCommitment::recognize(&[&one], beyond.digest().unwrap(), 1, 1).is_some());
    }

    #[test]
    fn a_commitment_of_another_version_or_with_another_rate_is_not_recognized() {
        let card = card("A card");
        let made = HardwareCommitment::new([(&card, &measured(12.0, 8.0, 1_024))]);
        let recognize = |json: &str| {
            let digest = Digest::of(json.as_bytes());
            HardwareCommitment::recognize(&[&card], digest, 12, 1_024)
        };
        let json = made.canonical_json().unwrap();
        assert_eq!(recognize(&json), Some(made));

        let renamed = json.replace("nosana-hardware/4", "nosana-hardware/3");
        let faster = json.replace("772614144", "772614145");
        let earlier = renamed.replace(r#""weights_bytes_per_second":772614144,"#, "");
        for other in [&renamed, &faster, &earlier] {
            assert_ne!(*other, json);
            assert_eq!(recognize(other), None, "{other}");
        }
        assert!(serde_json::from_str::<HardwareCommitment>(&json).is_ok());
        assert!(serde_json::from_str::<HardwareCommitment>(&earlier).is_err());
    }
}

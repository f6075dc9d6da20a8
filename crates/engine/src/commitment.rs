//! A node's commitment to its hardware.

use nosana_job_spec::Digest;
use serde::{Deserialize, Serialize};

use crate::{AdapterInfo, AdapterKind, Benchmark};

/// The version of the commitment's canonical form.
pub const HARDWARE_VERSION: &str = "nosana-hardware/2";

/// The highest bandwidth in a commitment, in GB/s: several times that of the fastest memory today.
const MAX_GB_S: u64 = 1 << 16;

/// A node's statement about its hardware. The chain stores the digest of its canonical form. Names
/// can be forged: anyone who relies on a node's speed should measure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardwareCommitment {
    /// [`HARDWARE_VERSION`].
    pub version: String,
    /// The graphics adapter's name; several names are joined by ` + `, in the order in which the
    /// node uses the adapters.
    pub adapter: String,
    /// The graphics interface: `vulkan`, `metal`, `dx12` or `gl`; the first device's.
    pub backend: String,
    /// The kind of device; the first device's.
    pub kind: AdapterKind,
    /// The number of graphics devices that work in parallel.
    pub gpus: u64,
    /// The best measured speed in GFLOP/s, rounded; the slowest device's.
    pub matmul_gflops: u64,
    /// The bandwidth of the graphics memory in GB/s, rounded; the slowest device's.
    pub memory_gb_s: u64,
    /// The graphics memory that one job can use, in MiB; the smallest device's.
    pub vram_mib: u64,
}

impl HardwareCommitment {
    /// The commitment to these devices with their measurements. A job runs on any one of them, so
    /// the smallest of each number counts. Without devices all numbers are zero.
    pub fn new<'a>(measured: impl IntoIterator<Item = (&'a AdapterInfo, &'a Benchmark)>) -> Self {
        let (infos, benchmarks): (Vec<_>, Vec<_>) = measured.into_iter().unzip();
        let smallest = |number: fn(&Benchmark) -> u64| {
            benchmarks.iter().map(|one| number(one)).min().unwrap_or(0)
        };

        Self::from_parts(
            &infos,
            smallest(|one| one.best_gflops().round() as u64),
            // `recognize` tries no higher values.
            smallest(|one| one.bandwidth.gigabytes_per_second.round() as u64).min(MAX_GB_S),
            smallest(|one| one.memory.mib),
        )
    }

    fn from_parts(
        infos: &[&AdapterInfo],
        matmul_gflops: u64,
        memory_gb_s: u64,
        vram_mib: u64,
    ) -> Self {
        let names: Vec<_> = infos.iter().map(|info| info.name.as_str()).collect();

        Self {
            version: HARDWARE_VERSION.into(),
            adapter: names.join(" + "),
            backend: infos.first().map(|info| info.backend.clone()).unwrap_or_default(),
            kind: infos.first().map_or(AdapterKind::Other, |info| info.kind),
            gpus: infos.len() as u64,
            matmul_gflops,
            memory_gb_s,
            vram_mib,
        }
    }

    /// The earlier commitment of these devices with this digest; `None` if the digest is not one of
    /// theirs.
    ///
    /// The chain stores `gflops` and `vram_mib` (MiB) in addition to the digest, but not the
    /// bandwidth: this tries all values that the bandwidth can have.
    pub fn recognize(
        infos: &[&AdapterInfo],
        digest: Digest,
        gflops: u64,
        vram_mib: u64,
    ) -> Option<Self> {
        let mut tried = Self::from_parts(infos, gflops, 0, vram_mib);

        (0..=MAX_GB_S).find(|&memory_gb_s| {
            tried.memory_gb_s = memory_gb_s;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bandwidth, MatrixProduct, MemoryBound, UsableMemory};

    fn card(name: &str) -> AdapterInfo {
        AdapterInfo {
            name: name.to_owned(),
            backend: "vulkan".to_owned(),
            kind: AdapterKind::Discrete,
            driver: "a driver".to_owned(),
        }
    }

    fn measured(gflops: f64, gigabytes_per_second: f64, mib: u64) -> Benchmark {
        Benchmark {
            products: vec![MatrixProduct { size: 512, median_seconds: 1.0, gflops }],
            bandwidth: Bandwidth { bytes: 1, median_seconds: 1.0, gigabytes_per_second },
            memory: UsableMemory { mib, bound: MemoryBound::Adapter },
        }
    }

    #[test]
    fn the_commitment_has_one_canonical_form() {
        let commitment = HardwareCommitment::new([(&card("A card"), &measured(12.4, 7.5, 1_024))]);
        let json = commitment.canonical_json().unwrap();
        let expected = concat!(
            r#"{"version":"nosana-hardware/2","adapter":"A card","backend":"vulkan","#,
            r#""kind":"discrete","gpus":1,"matmul_gflops":12,"memory_gb_s":8,"vram_mib":1024}"#,
        );

        assert_eq!(json, expected);
        assert_eq!(commitment.digest().unwrap(), Digest::of(expected.as_bytes()));
    }

    #[test]
    fn several_devices_commit_to_the_smallest_numbers() {
        let (one, other) = (card("One"), card("Other"));
        let (quick, roomy) = (measured(90.0, 900.0, 8_192), measured(40.0, 500.0, 24_576));
        let both = HardwareCommitment::new([(&one, &quick), (&other, &roomy)]);
        assert_eq!((both.adapter.as_str(), both.gpus), ("One + Other", 2));
        assert_eq!((both.matmul_gflops, both.memory_gb_s, both.vram_mib), (40, 500, 8_192));
    }

    #[test]
    fn a_commitment_is_recognized_by_its_digest() {
        let (one, other) = (card("One"), card("Other"));
        let made = HardwareCommitment::new([(&one, &measured(90.0, 3_352.0, 81_920))]);
        let digest = made.digest().unwrap();
        assert_eq!(HardwareCommitment::recognize(&[&one], digest, 90, 81_920), Some(made));
        for (infos, gflops, vram_mib) in [
            (&[&other][..], 90, 81_920),
            (&[&one, &one], 90, 81_920),
            (&[&one], 91, 81_920),
            (&[&one], 90, 0),
        ] {
            assert_eq!(HardwareCommitment::recognize(infos, digest, gflops, vram_mib), None);
        }
        let beyond = HardwareCommitment::new([(&one, &measured(1.0, 1e9, 1))]);
        assert!(HardwareCommitment::recognize(&[&one], beyond.digest().unwrap(), 1, 1).is_some());
    }
}

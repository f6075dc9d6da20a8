//! A short benchmark of the graphics device, and what a node commits to about its hardware.

use std::time::Instant;

use burn::tensor::{Tensor, TensorData};
use nosana_store::Digest;
use serde::{Deserialize, Serialize};

use crate::{AdapterKind, EngineError, Gpu};

/// The version of the commitment's canonical form.
pub const HARDWARE_VERSION: &str = "nosana-hardware/1";

/// The sizes that are measured, and how often.
const SIZES: [usize; 2] = [512, 1024];
const WARM_UP_ROUNDS: usize = 2;
const ROUNDS: usize = 5;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// One measurement for each size.
    pub products: Vec<MatrixProduct>,
}

/// The time of a product of two square matrices in single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatrixProduct {
    /// Rows and columns of each matrix.
    pub size: usize,
    /// The median time of a round, in seconds.
    pub median_seconds: f64,
    /// Billions of multiplications and additions in a second, by the median time.
    pub gflops: f64,
}

/// What a node says about its hardware. The chain stores the digest of its canonical form. Names can be forged:
/// whoever relies on a node's speed should measure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardwareCommitment {
    /// [`HARDWARE_VERSION`].
    pub version: String,
    /// The graphics adapter's name.
    pub adapter: String,
    /// The graphics interface: `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// What kind of device it is.
    pub kind: AdapterKind,
    /// The best measured speed in GFLOP/s, rounded to a whole number.
    pub matmul_gflops: u64,
    /// The graphics memory in MiB; 0 if it is not known, as the graphics interfaces do not tell it.
    pub vram_mib: u64,
}

/// Measures the device: matrix products of a few sizes, each result checked. Takes a second or less on a graphics
/// card, several on software Vulkan.
pub fn benchmark(gpu: &Gpu) -> Result<Benchmark, EngineError> {
    let products = SIZES.iter().map(|&size| measure(gpu, size)).collect::<Result<_, _>>()?;
    Ok(Benchmark { products })
}

impl Benchmark {
    /// The best speed over all sizes, in GFLOP/s.
    pub fn best_gflops(&self) -> f64 {
        self.products.iter().map(|product| product.gflops).fold(0.0, f64::max)
    }
}

impl HardwareCommitment {
    /// The commitment to this device as it was measured.
    pub fn new(gpu: &Gpu, benchmark: &Benchmark) -> Self {
        let info = gpu.info();
        Self {
            version: HARDWARE_VERSION.into(),
            adapter: info.name.clone(),
            backend: info.backend.clone(),
            kind: info.kind,
            matmul_gflops: benchmark.best_gflops().round() as u64,
            vram_mib: 0,
        }
    }

    /// Compact JSON with the fields in the order in which this type declares them.
    pub fn canonical_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The SHA-256 of the canonical form.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        Ok(Digest::of(self.canonical_json()?.as_bytes()))
    }
}

fn measure(gpu: &Gpu, size: usize) -> Result<MatrixProduct, EngineError> {
    let upload = |entry: fn(usize, usize) -> f32| {
        let values: Vec<f32> = (0..size * size).map(|i| entry(i / size, i % size)).collect();
        Tensor::<2>::from_data(TensorData::new(values, [size, size]), gpu.device())
    };
    let (a, b) = (upload(left), upload(right));
    let mut seconds = Vec::with_capacity(ROUNDS);
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        gpu.wait()?;
        let start = Instant::now();
        let product = a.clone().matmul(b.clone());
        gpu.wait()?;
        if round >= WARM_UP_ROUNDS {
            seconds.push(start.elapsed().as_secs_f64());
        }
        if round == 0 {
            check(product, size)?;
        }
    }
    seconds.sort_by(f64::total_cmp);
    let median_seconds = seconds[ROUNDS / 2];
    Ok(MatrixProduct { size, median_seconds, gflops: 2.0 * (size as f64).powi(3) / median_seconds / 1e9 })
}

/// Small whole numbers: every sum stays below 2^24, so single precision is exact in any order.
fn left(row: usize, column: usize) -> f32 {
    ((row * 7 + column * 3) % 11) as f32 - 5.0
}

fn right(row: usize, column: usize) -> f32 {
    ((row * 5 + column * 13) % 17) as f32 - 8.0
}

/// Compares one entry of every row, each in another column, with the exact value.
fn check(product: Tensor<2>, size: usize) -> Result<(), EngineError> {
    let data = product.try_into_data().map_err(|error| EngineError::Device(error.to_string()))?;
    let values = data.as_slice::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))?;
    for row in 0..size {
        let column = (row * 31 + 7) % size;
        let exact: f32 = (0..size).map(|k| left(row, k) * right(k, column)).sum();
        let actual = values.get(row * size + column).copied().unwrap_or(f32::NAN);
        if actual != exact {
            let problem = format!("entry ({row}, {column}) of a {size}×{size} product is {actual}, not {exact}");
            return Err(EngineError::WrongResult(problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commitment_has_one_canonical_form() {
        let commitment = HardwareCommitment {
            version: HARDWARE_VERSION.into(),
            adapter: "llvmpipe".into(),
            backend: "vulkan".into(),
            kind: AdapterKind::Software,
            matmul_gflops: 12,
            vram_mib: 0,
        };
        let json = commitment.canonical_json().unwrap();
        let expected = r#"{"version":"nosana-hardware/1","adapter":"llvmpipe","backend":"vulkan","kind":"software","#
            .to_owned()
            + r#""matmul_gflops":12,"vram_mib":0}"#;
        assert_eq!(json, expected);
        assert_eq!(commitment.digest().unwrap(), Digest::of(expected.as_bytes()));
    }
}

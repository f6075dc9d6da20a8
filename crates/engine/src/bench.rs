//! A short benchmark of the graphics device.

mod bandwidth;
mod matrix;

use serde::{Deserialize, Serialize};

pub use self::bandwidth::Bandwidth;
pub use self::matrix::MatrixProduct;
use crate::{EngineError, Gpu, UsableMemory};

/// The sizes of matrices that are measured, and how often everything is.
const SIZES: [usize; 2] = [512, 1024];
const WARM_UP_ROUNDS: usize = 2;
const ROUNDS: usize = 5;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// One measurement for each size.
    pub products: Vec<MatrixProduct>,
    /// How fast the graphics memory is.
    pub bandwidth: Bandwidth,
    /// How large the graphics memory is.
    pub memory: UsableMemory,
}

/// Measures the device: the memory that there is to use, how fast it is read and written, and
/// matrix products of a few sizes, each result checked. Takes a second or two on a graphics card,
/// several on software Vulkan. What models and others hold of the memory meanwhile does not count
/// as usable.
///
/// # Errors
/// If the device fails, or computes a wrong result.
pub fn benchmark(gpu: &Gpu) -> Result<Benchmark, EngineError> {
    let memory = UsableMemory::probe(gpu)?;
    let bandwidth = bandwidth::measure(gpu, memory.mib)?;
    gpu.free_unused();
    let products =
        SIZES.iter().map(|&size| matrix::measure(gpu, size)).collect::<Result<_, _>>()?;
    gpu.free_unused();
    Ok(Benchmark { products, bandwidth, memory })
}

impl Benchmark {
    /// The best speed over all sizes, in GFLOP/s.
    pub fn best_gflops(&self) -> f64 {
        self.products.iter().map(|product| product.gflops).fold(0.0, f64::max)
    }
}

/// The middle of the times, in seconds; there must be one.
fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

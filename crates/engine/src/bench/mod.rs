//! A short benchmark of the graphics device.
//!
//! | module | purpose |
//! | --- | --- |
//! | `bandwidth` | how fast graphics memory is read and written |
//! | `matrix` | how fast matrices are multiplied |
//! | `rounds` | the median time of several rounds |

mod bandwidth;
mod matrix;
mod rounds;

use serde::{Deserialize, Serialize};

pub use self::bandwidth::Bandwidth;
pub use self::matrix::MatrixProduct;
use self::{bandwidth::measure_bandwidth, matrix::measure_product};
use crate::{EngineError, Gpu, UsableMemory};

/// The sizes of matrices that are measured.
const MATRIX_SIZES: [usize; 2] = [512, 1024];

/// The measurements of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// One measurement for each size.
    pub products: Vec<MatrixProduct>,
    /// The bandwidth of the graphics memory.
    pub bandwidth: Bandwidth,
    /// The size of the graphics memory.
    pub memory: UsableMemory,
}

/// Measures the device: its usable memory, the bandwidth of that memory, and matrix products of a
/// few sizes, each result checked. Takes a second or two on a graphics card, several on software
/// Vulkan. Memory that models and other programs use at the time does not count as usable.
///
/// # Errors
/// If the device fails, or computes a wrong result.
pub fn run_benchmark(gpu: &Gpu) -> Result<Benchmark, EngineError> {
    let memory = UsableMemory::probe(gpu)?;
    let bandwidth = measure_bandwidth(gpu, memory.mib)?;
    gpu.free_unused();

    let products =
        MATRIX_SIZES.iter().map(|&size| measure_product(gpu, size)).collect::<Result<_, _>>()?;
    gpu.free_unused();

    Ok(Benchmark { products, bandwidth, memory })
}

impl Benchmark {
    /// The best speed over all sizes, in GFLOP/s.
    pub fn best_gflops(&self) -> f64 {
        self.products.iter().map(|product| product.gflops).fold(0.0, f64::max)
    }
}

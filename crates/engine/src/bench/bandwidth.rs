//! How fast graphics memory is read and written.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::rounds::time_rounds;
use crate::{AdapterKind, EngineError, Gpu};

const MIB: u64 = 1 << 20;
/// Larger than every cache, so that memory is measured; about a millisecond on the fastest cards.
const BUFFER_BYTES: u64 = 1_024 * MIB;
/// Larger than a processor's caches, and fast enough on one.
const BUFFER_BYTES_ON_CPU: u64 = 64 * MIB;
/// Each of the two buffers takes at most the usable memory divided by this.
const MEMORY_DIVISOR: u64 = 8;
/// The count of numbers that are compared at either end.
const COMPARED_NUMBERS: usize = 1_024;

/// The time of one addition to every number of a large buffer, which reads the buffer and writes
/// another one of its size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bandwidth {
    /// Bytes read and written in a round, together.
    pub bytes: u64,
    /// The median time of a round, in seconds.
    pub median_seconds: f64,
    /// Billions of bytes read and written in a second, by the median time.
    pub gigabytes_per_second: f64,
}

/// Measures on buffers that fit into `usable_mib` of graphics memory, and checks the first round.
pub(super) fn measure_bandwidth(gpu: &Gpu, usable_mib: u64) -> Result<Bandwidth, EngineError> {
    let is_software = gpu.info().kind == AdapterKind::Software;
    let wanted_bytes = if is_software { BUFFER_BYTES_ON_CPU } else { BUFFER_BYTES };
    let max_bytes = (usable_mib.saturating_mul(MIB) / MEMORY_DIVISOR).min(gpu.largest_buffer());
    let count =
        usize::try_from(wanted_bytes.min(max_bytes) / 4).unwrap_or(0).max(2 * COMPARED_NUMBERS);

    let numbers = Tensor::<1>::full([count], 1.5, gpu.tensor_device());
    // The clone shares the buffer. Because the buffer is still in use, the sums go to another one.
    let median_seconds =
        time_rounds(gpu, || numbers.clone().add_scalar(2.25), |sums| check_sums(sums, count))?;

    let bytes = 2 * 4 * count as u64;

    Ok(Bandwidth {
        bytes,
        median_seconds,
        gigabytes_per_second: bytes as f64 / median_seconds / 1e9,
    })
}

/// Checks that every number is 3.75, which single precision represents exactly. Reading all of them
/// back would take longer than the measurement, so only the two ends are compared.
fn check_sums(sums: &Tensor<1>, count: usize) -> Result<(), EngineError> {
    let ends =
        [0, count - COMPARED_NUMBERS].map(|start| sums.clone().narrow(0, start, COMPARED_NUMBERS));

    for end in ends {
        let data = end.try_into_data().map_err(|error| EngineError::Device(error.to_string()))?;
        let values =
            data.as_slice::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))?;

        if let Some(wrong) = values.iter().find(|&&value| value != 3.75) {
            return Err(EngineError::WrongResult(format!("1.5 + 2.25 is {wrong}")));
        }
    }
    Ok(())
}

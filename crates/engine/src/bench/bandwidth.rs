//! How fast graphics memory is read and written.

use std::time::Instant;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{ROUNDS, WARM_UP_ROUNDS, median};
use crate::{AdapterKind, EngineError, Gpu};

const MIB: u64 = 1 << 20;
/// Far beyond every cache, so that memory is measured; a thousandth of a second on the fastest
/// cards.
const BYTES: u64 = 1_024 * MIB;
/// Beyond a processor's caches, and quick.
const BYTES_ON_CPU: u64 = 64 * MIB;
/// Of the usable memory, each of the two buffers takes at most this part.
const PART_OF_MEMORY: u64 = 8;
/// How many numbers are compared at either end.
const COMPARED: usize = 1_024;

/// The time of one addition to every number of a large buffer, which reads all of it and writes as
/// much.
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
pub(super) fn measure(gpu: &Gpu, usable_mib: u64) -> Result<Bandwidth, EngineError> {
    let wanted = if gpu.info().kind == AdapterKind::Software { BYTES_ON_CPU } else { BYTES };
    let most = (usable_mib.saturating_mul(MIB) / PART_OF_MEMORY).min(gpu.largest_buffer());
    let count = usize::try_from(wanted.min(most) / 4).unwrap_or(0).max(2 * COMPARED);
    let numbers = Tensor::<1>::full([count], 1.5, gpu.device());
    let mut seconds = Vec::with_capacity(ROUNDS);
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        gpu.wait()?;
        let start = Instant::now();
        // The clone shares the buffer: because it is still needed, the sums go to another one.
        let sums = numbers.clone().add_scalar(2.25);
        gpu.wait()?;
        if round >= WARM_UP_ROUNDS {
            seconds.push(start.elapsed().as_secs_f64());
        }
        if round == 0 {
            check(&sums, count)?;
        }
    }
    let (bytes, median_seconds) = (2 * 4 * count as u64, median(seconds));
    Ok(Bandwidth {
        bytes,
        median_seconds,
        gigabytes_per_second: bytes as f64 / median_seconds / 1e9,
    })
}

/// Every number is to be 3.75, which single precision holds exactly. Reading all of them back would
/// take longer than the measurement, so the two ends are compared.
fn check(sums: &Tensor<1>, count: usize) -> Result<(), EngineError> {
    let ends =
        [sums.clone().narrow(0, 0, COMPARED), sums.clone().narrow(0, count - COMPARED, COMPARED)];
    for end in ends {
        let data = end.try_into_data().map_err(|error| EngineError::Device(error.to_string()))?;
        let values =
            data.as_slice::<f32>().map_err(|error| EngineError::Device(format!("{error:?}")))?;
        if let Some(wrong) = values.iter().find(|&&value| value != 3.75) {
            return Err(EngineError::WrongResult(format!("1.5 + 2.25 is {wrong} there")));
        }
    }
    Ok(())
}

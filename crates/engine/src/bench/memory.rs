//! The memory that models can use.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::{Device, DeviceKind};

const MIB: u64 = 1 << 20;
/// Sizes are rounded down to a multiple of this: free memory changes all the time.
const STEP_MIB: u64 = 64;

/// The memory that models can use, as the driver or the system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsableMemory {
    /// MiB that are free, a multiple of 64.
    pub mib: u64,
}

impl UsableMemory {
    /// The free memory of a graphics processor; for the CPU, the memory that the system can give
    /// without swapping.
    pub fn of_device(device: &Device) -> Self {
        let reported = device.memory().free;
        let bytes = match device.info().kind {
            DeviceKind::Discrete | DeviceKind::Integrated => reported,
            DeviceKind::Software | DeviceKind::Cpu => available_bytes().unwrap_or(reported),
        };

        Self { mib: bytes / MIB / STEP_MIB * STEP_MIB }
    }
}

/// The memory that the host can give to a new process without swapping, in bytes; `None` except on
/// Linux.
fn available_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:")?.trim().strip_suffix("kB"))?;
    Some(kib.trim().parse::<u64>().ok()? * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_this_machine_is_found() {
        let devices = Device::all().unwrap();
        let memory = UsableMemory::of_device(devices.last().unwrap());
        assert!(memory.mib >= STEP_MIB && memory.mib.is_multiple_of(STEP_MIB), "{memory:?}");
    }
}

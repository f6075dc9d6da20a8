//! Whether this machine has what a container needs.

use anyhow::{Result, bail};
use nosana_container::host_memory_bytes;
use nosana_job_spec::NodeNeeds;

use crate::execute::models::{BYTES_PER_MIB, MemoryBudget};

/// Checks the memory of this machine and of its smallest GPU.
///
/// # Errors
/// If a container needs more.
pub(super) fn check_needs(needs: &NodeNeeds, gpu: &MemoryBudget) -> Result<()> {
    let vram_mib = gpu.bytes / BYTES_PER_MIB;
    if let Some(needed) = needs.vram_mib.filter(|needed| *needed > vram_mib) {
        bail!(
            "it needs {needed} MiB of GPU memory, and {} has {vram_mib} MiB; list it in a market \
             whose nodes have more",
            gpu.device
        );
    }

    let memory_mib = host_memory_bytes().unwrap_or(u64::MAX) / BYTES_PER_MIB;
    if let Some(needed) = needs.memory_mib.filter(|needed| *needed > memory_mib) {
        bail!(
            "it needs {needed} MiB of memory, and this machine has {memory_mib} MiB; list it in a \
             market whose nodes have more"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let gpu = MemoryBudget::new("a GPU".to_owned(), 8_000 * BYTES_PER_MIB);
        let check = |vram_mib, memory_mib| {
            check_needs(&NodeNeeds { vram_mib, memory_mib }, &gpu).map_err(|it| it.to_string())
        };
        assert_eq!(check(None, None), Ok(()));
        assert_eq!(check(Some(8_000), Some(16)), Ok(()));

        let error = check(Some(8_001), None).unwrap_err();
        assert!(error.contains("8001 MiB of GPU memory, and a GPU has 8000 MiB"), "{error}");
        let error = check(None, Some(1 << 40)).unwrap_err();
        assert!(error.contains("MiB of memory, and this machine has"), "{error}");
    }
}

//! The memory for which a model is downloaded: a file that it cannot hold is not.

use nosana_fetch::DownloadError;

use super::ModelStore;

/// Far more than a file has beside its weights: a vocabulary, and descriptions of tensors.
const MAX_HEADER_BYTES: u64 = 256 << 20;
const BYTES_PER_MB: u64 = 1_000_000;

/// The memory of a device.
#[derive(Clone, Debug)]
pub(super) struct DeviceMemory {
    device: String,
    bytes: u64,
}

impl ModelStore {
    /// The same folder, for models that a device with so much memory runs: a file that is larger is
    /// not downloaded.
    #[must_use]
    pub fn for_device(&self, device: &str, memory_bytes: u64) -> Self {
        let memory = DeviceMemory { device: device.to_owned(), bytes: memory_bytes };
        Self { device_memory: Some(memory), ..self.clone() }
    }

    /// Checks that the weights in a file of so many bytes may fit into the memory. The header says
    /// how much memory the model needs, once the whole file is here.
    pub(super) fn check_memory(&self, file_bytes: u64) -> Result<(), DownloadError> {
        let Some(memory) = &self.device_memory else { return Ok(()) };

        if file_bytes <= memory.bytes.saturating_add(MAX_HEADER_BYTES) {
            return Ok(());
        }
        Err(DownloadError::NoRoom(format!(
            "it has {} MB or more, and {} has {} MB of memory; choose a smaller model",
            file_bytes / BYTES_PER_MB,
            memory.device,
            memory.bytes / BYTES_PER_MB
        )))
    }
}

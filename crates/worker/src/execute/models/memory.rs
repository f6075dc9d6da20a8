//! The memory of a device, and what services hold of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nosana_engine::{Device, UsableMemory};
use nosana_job_spec::ModelDigest;

/// Bytes of a MiB.
pub(in crate::execute) const BYTES_PER_MIB: u64 = 1 << 20;

/// The memory of a device before models were loaded: models can be unloaded for others.
#[derive(Clone, Debug)]
pub(in crate::execute) struct MemoryBudget {
    /// The device's name.
    pub device: String,
    /// What models can use, in bytes, if no service holds a part.
    pub bytes: u64,
    /// The models of services, with the bytes that each holds.
    held: Arc<Mutex<Vec<(ModelDigest, u64)>>>,
}

/// Memory that the model of a service holds, until this is dropped.
#[derive(Debug)]
#[must_use = "dropping this releases the memory"]
pub(in crate::execute) struct HeldMemory {
    memory: MemoryBudget,
    model: ModelDigest,
    bytes: u64,
}

impl Drop for HeldMemory {
    fn drop(&mut self) {
        let mut held = self.memory.lock_held();
        if let Some(index) = held.iter().position(|one| *one == (self.model, self.bytes)) {
            held.swap_remove(index);
        }
    }
}

impl MemoryBudget {
    /// Measures the memory that is usable now.
    pub fn measure(device: &Device) -> Self {
        let mib = UsableMemory::of_device(device).mib;
        Self::new(device.info().name.clone(), mib.saturating_mul(BYTES_PER_MIB))
    }

    /// The memory of a device with this name.
    pub fn new(device: String, bytes: u64) -> Self {
        Self { device, bytes, held: Arc::default() }
    }

    /// What jobs can use beside the models of services, in bytes.
    pub fn usable_bytes(&self) -> u64 {
        self.bytes.saturating_sub(sum_bytes(&self.lock_held()))
    }

    /// Whether the model of a service holds memory here.
    pub fn holds_model(&self, model: &ModelDigest) -> bool {
        self.lock_held().iter().any(|(held, _)| held == model)
    }

    /// Holds memory for the model of a service, or returns `None` if there is too little.
    pub fn hold(&self, model: ModelDigest, bytes: u64) -> Option<HeldMemory> {
        let mut held = self.lock_held();
        sum_bytes(&held).checked_add(bytes).filter(|sum| *sum <= self.bytes)?;

        held.push((model, bytes));
        Some(HeldMemory { memory: self.clone(), model, bytes })
    }

    fn lock_held(&self) -> MutexGuard<'_, Vec<(ModelDigest, u64)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sum_bytes(held: &[(ModelDigest, u64)]) -> u64 {
    held.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
}

#[cfg(test)]
mod tests {
    use nosana_job_spec::Digest;

    use super::*;

    #[test]
    fn services_hold_memory_until_they_end() {
        let memory = MemoryBudget::new("A card".to_owned(), 100);
        let model = ModelDigest(Digest([1; 32]));
        let first = memory.hold(model, 60).unwrap();
        assert_eq!(memory.usable_bytes(), 40);
        assert!(memory.hold(model, 41).is_none() && memory.hold(model, u64::MAX).is_none());

        let second = memory.clone().hold(model, 40).unwrap();
        assert_eq!(memory.usable_bytes(), 0, "copies share what is held");
        drop(first);
        assert!(memory.holds_model(&model), "another service serves it");
        drop(second);
        assert_eq!((memory.usable_bytes(), memory.holds_model(&model)), (100, false));
    }
}

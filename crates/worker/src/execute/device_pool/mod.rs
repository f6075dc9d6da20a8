//! The graphics devices of a node: each runs one operation at a time, beside the others, or several
//! operations that ask one model.

#[cfg(test)]
mod tests;
mod uses;

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use nosana_engine::{Device, DeviceInfo};
use nosana_job_spec::{ContentId, EngineInfo, InferenceArgs, ModelDigest, Task};
use nosana_sandbox::CancelToken;

pub(crate) use self::uses::Precedence;
use self::uses::{DeviceUses, Sharing};
use super::{
    context::JobContext,
    inference::DeviceModels,
    models::{MemoryBudget, Models},
};

/// How often a job that waits for a device checks whether it was cancelled.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Devices with the models that are loaded on each.
pub(super) struct DevicePool {
    devices: Vec<DeviceModels>,
    uses: Mutex<DeviceUses>,
    freed: Condvar,
}

/// A device, for as long as this is held.
struct DeviceLease<'a> {
    pool: &'a DevicePool,
    index: usize,
}

impl DevicePool {
    /// A pool of these devices.
    ///
    /// # Errors
    /// If there are no devices.
    pub(super) fn new(gpus: Vec<Device>, models: &Models) -> Result<Self> {
        ensure!(!gpus.is_empty(), "a node needs a device");

        let uses = Mutex::new(DeviceUses::new(gpus.len()));
        let devices = gpus.into_iter().map(|gpu| DeviceModels::new(gpu, models.clone())).collect();
        Ok(Self { devices, uses, freed: Condvar::new() })
    }

    pub(super) fn gpus(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().map(DeviceModels::gpu)
    }

    /// The memory of the smallest device: an operation runs on any of them.
    ///
    /// # Errors
    /// If there are no devices.
    pub(super) fn smallest_memory(&self) -> Result<&MemoryBudget> {
        let memories = self.devices.iter().map(DeviceModels::memory);
        memories.min_by_key(|memory| memory.usable_bytes()).context("a node needs a device")
    }

    /// The device with the most memory that no service holds.
    ///
    /// # Errors
    /// If there are no devices.
    pub(super) fn freest_device(&self) -> Result<&DeviceModels> {
        let devices = self.devices.iter();
        devices.max_by_key(|device| device.memory().usable_bytes()).context("a node needs a device")
    }

    /// The device where a service holds memory for the model. A service that was started before
    /// this process was holds none.
    pub(super) fn holding_device(&self, model: &ModelDigest) -> Result<&DeviceModels> {
        match self.devices.iter().find(|device| device.memory().holds_model(model)) {
            Some(device) => Ok(device),
            None => self.freest_device(),
        }
    }

    /// Runs the operation on a device that is free, or that runs the same model. Returns its output and the device.
    pub(super) fn execute_inference(
        &self,
        args: &InferenceArgs,
        context: JobContext<'_>,
    ) -> Result<(ContentId, &Device)> {
        let lease = self.lease_device(sharing(args), Precedence::InOrder, context.cancel)?;
        let device = &self.devices[lease.index];
        tracing::debug!(device = lease.index, "runs an operation");

        Ok((device.run_model(args, context)?, device.gpu()))
    }

    /// Lets `examine` use a device that is free, or that runs the same model.
    pub(super) fn examine_on_device<T>(
        &self,
        args: &InferenceArgs,
        precedence: Precedence,
        cancel: &CancelToken,
        examine: impl FnOnce(&DeviceModels) -> Result<T>,
    ) -> Result<T> {
        let lease = self.lease_device(sharing(args), precedence, cancel)?;
        examine(self.devices.get(lease.index).context("a node needs a device")?)
    }

    /// Loads the default model on every device and runs it once, since the first run compiles its
    /// shaders.
    pub(super) fn warm_up(&self) -> Result<()> {
        for device in &self.devices {
            device.warm_up().with_context(|| device.gpu().info().name.clone())?;
        }

        Ok(())
    }

    /// Waits until a device is free, or runs the same model if it can be shared.
    fn lease_device(
        &self,
        sharing: Sharing,
        precedence: Precedence,
        cancel: &CancelToken,
    ) -> Result<DeviceLease<'_>> {
        let mut uses = self.lock_uses();
        let ticket = uses.join_line(precedence);

        loop {
            if cancel.is_cancelled() {
                uses.leave_line(ticket);
                self.freed.notify_all();
                bail!("it was cancelled");
            }
            if let Some(index) = uses.take_device(ticket, sharing) {
                self.freed.notify_all();
                return Ok(DeviceLease { pool: self, index });
            }

            let waited = self.freed.wait_timeout(uses, POLL_INTERVAL);
            (uses, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock_uses(&self) -> MutexGuard<'_, DeviceUses> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DeviceLease<'_> {
    fn drop(&mut self) {
        self.pool.lock_uses().release_device(self.index);
        self.pool.freed.notify_all();
    }
}

/// Returns with which jobs an operation can share a device. Embeddings gain nothing by it: a text
/// fills the batch.
fn sharing(args: &InferenceArgs) -> Sharing {
    match args.task {
        Task::Generation => Sharing::WithModel(args.model.digest()),
        Task::Embedding => Sharing::Alone,
    }
}

/// Returns the devices that ran a job's operations, each once, as the result names them. A job
/// without inference names the first device.
pub(super) fn engine_info<'a>(
    mut used: Vec<&'a DeviceInfo>,
    first: Option<&'a DeviceInfo>,
) -> EngineInfo {
    if used.is_empty() {
        used.extend(first);
    }

    let mut names: Vec<&str> = Vec::new();
    for info in &used {
        if !names.contains(&info.name.as_str()) {
            names.push(&info.name);
        }
    }

    let backend = used.first().map(|info| info.backend.clone()).unwrap_or_default();
    EngineInfo { device: names.join(" + "), backend }
}

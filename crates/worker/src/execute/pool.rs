//! The graphics devices of a node: each does one operation at a time, beside the others.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use nosana_engine::{AdapterInfo, Gpu, ModelStore};
use nosana_job_spec::{ContentId, EngineInfo, InferenceArgs};
use nosana_sandbox::Cancel;
use nosana_store::Store;

use super::inference::Models;

/// Between two looks whether a job that waits for a device was cancelled.
const LOOK: Duration = Duration::from_millis(100);

/// Devices with the models that are loaded on each.
pub(super) struct Pool {
    devices: Vec<Models>,
    /// Whether each device is in use.
    busy: Mutex<Vec<bool>>,
    freed: Condvar,
}

/// A device, for as long as this is held.
struct Lease<'a> {
    pool: &'a Pool,
    number: usize,
}

impl Pool {
    /// Fails without a device.
    pub(super) fn new(gpus: Vec<Gpu>, files: &ModelStore) -> Result<Self> {
        ensure!(!gpus.is_empty(), "a node needs a GPU");
        let busy = Mutex::new(vec![false; gpus.len()]);
        let devices = gpus.into_iter().map(|gpu| Models::new(gpu, files.clone())).collect();
        Ok(Self { devices, busy, freed: Condvar::new() })
    }

    pub(super) fn gpus(&self) -> impl Iterator<Item = &Gpu> {
        self.devices.iter().map(Models::gpu)
    }

    /// Does what is asked on the first device that is free, and says which it was.
    pub(super) fn run(
        &self,
        args: &InferenceArgs,
        store: &Store,
        cancel: &Cancel,
    ) -> Result<(ContentId, &Gpu)> {
        let lease = self.take(cancel)?;
        let device = &self.devices[lease.number];
        tracing::debug!(device = lease.number, "runs an operation");
        Ok((device.run(args, store, cancel)?, device.gpu()))
    }

    /// Loads the default model on every device and runs it once, since the first run compiles its
    /// shaders.
    pub(super) fn warm_up(&self) -> Result<()> {
        for device in &self.devices {
            device
                .embed(&["a first sentence".to_owned()])
                .with_context(|| device.gpu().info().name.clone())?;
        }
        Ok(())
    }

    /// Waits until a device is free. The first is preferred: it is the one whose models are loaded.
    fn take(&self, cancel: &Cancel) -> Result<Lease<'_>> {
        let mut busy = self.busy();
        loop {
            ensure!(!cancel.is_cancelled(), "it was cancelled");
            if let Some(number) = busy.iter().position(|busy| !busy) {
                busy[number] = true;
                return Ok(Lease { pool: self, number });
            }
            busy = self.freed.wait_timeout(busy, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn busy(&self) -> MutexGuard<'_, Vec<bool>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.pool.busy()[self.number] = false;
        self.pool.freed.notify_one();
    }
}

/// What a result says of the devices that did its operations, each once. The first device stands
/// for a job in which none did any.
pub(super) fn engine<'a>(
    mut used: Vec<&'a AdapterInfo>,
    first: Option<&'a AdapterInfo>,
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
    EngineInfo { adapter: names.join(" + "), backend }
}

#[cfg(test)]
mod tests;

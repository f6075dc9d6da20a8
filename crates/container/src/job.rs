//! The containers and volumes of one job.

use std::sync::{Mutex, PoisonError};

use crate::{ContainerError, Engine, leftovers::unique_name};

/// The containers and volumes of one job. They are removed on drop.
#[derive(Debug)]
pub struct ContainerJob<'a> {
    pub(crate) engine: &'a Engine,
    /// Prefix of the names of its volumes.
    name: String,
    volumes: Mutex<Vec<String>>,
}

impl<'a> ContainerJob<'a> {
    /// Returns a job without containers and volumes.
    pub fn new(engine: &'a Engine) -> Self {
        Self { engine, name: unique_name(), volumes: Mutex::new(Vec::new()) }
    }

    /// Returns the engine's name of a volume of the job.
    pub(crate) fn volume_name(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// Creates a volume, unless it exists.
    pub(crate) fn ensure_volume(&self, name: &str) -> Result<(), ContainerError> {
        let mut volumes = self.volumes.lock().unwrap_or_else(PoisonError::into_inner);
        if !volumes.iter().any(|existing| existing == name) {
            self.engine.call(&["volume", "create", &self.volume_name(name)])?;
            volumes.push(name.to_owned());
        }
        Ok(())
    }
}

impl Drop for ContainerJob<'_> {
    fn drop(&mut self) {
        let volumes =
            std::mem::take(self.volumes.get_mut().unwrap_or_else(PoisonError::into_inner));

        for volume in volumes {
            // A drop cannot return an error; the next node on this host tries again.
            let _ = self.engine.call(&["volume", "rm", "--force", &self.volume_name(&volume)]);
        }
    }
}

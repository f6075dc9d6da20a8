//! The containers and volumes of one job.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::{
    ContainerError, Engine, container::Container, failed_removals::ItemKind, leftovers::unique_name,
};

/// The containers and volumes of one job. They are removed on drop.
#[derive(Debug)]
pub struct ContainerJob<'a> {
    pub(crate) engine: &'a Engine,
    /// Prefix of the engine's names of its volumes.
    name: String,
    /// The volumes by their names within the job. The engine's names have the position instead,
    /// because the engine allows fewer characters.
    volumes: Mutex<Vec<String>>,
    /// The container whose network all others share, if they do.
    pub(crate) network: OnceLock<Container<'a>>,
}

impl<'a> ContainerJob<'a> {
    /// Returns a job without containers and volumes.
    pub fn new(engine: &'a Engine) -> Self {
        let (volumes, network) = (Mutex::default(), OnceLock::new());
        Self { engine, name: unique_name(), volumes, network }
    }

    /// Creates a volume, unless it exists, and returns the engine's name of it.
    pub(crate) fn ensure_volume(&self, name: &str) -> Result<String, ContainerError> {
        let mut volumes = self.volumes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = volumes.iter().position(|existing| existing == name) {
            return Ok(self.volume_name(position));
        }

        let volume_name = self.volume_name(volumes.len());
        self.engine.call(&["volume", "create", &volume_name])?;
        volumes.push(name.to_owned());
        Ok(volume_name)
    }

    fn volume_name(&self, position: usize) -> String {
        format!("{}-{position}", self.name)
    }
}

impl Drop for ContainerJob<'_> {
    fn drop(&mut self) {
        let volumes = self.volumes.get_mut().unwrap_or_else(PoisonError::into_inner).len();

        for position in 0..volumes {
            self.engine.discard_item(ItemKind::Volume, &self.volume_name(position));
        }
    }
}

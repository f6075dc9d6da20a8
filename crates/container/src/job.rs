//! The containers and volumes of one job.

use std::sync::{Mutex, PoisonError};

use crate::{ContainerError, Engine, leftovers::new_name};

/// What one job makes. Everything is removed when this is dropped.
#[derive(Debug)]
pub struct Job<'a> {
    pub(crate) engine: &'a Engine,
    /// What all names of the job begin with.
    name: String,
    volumes: Mutex<Vec<String>>,
}

impl<'a> Job<'a> {
    /// A job without anything yet.
    pub fn new(engine: &'a Engine) -> Self {
        Self { engine, name: new_name(), volumes: Mutex::new(Vec::new()) }
    }

    /// What the engine calls a volume of the job.
    pub(crate) fn volume_name(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// Makes a volume, unless it is there.
    pub(crate) fn ensure_volume(&self, name: &str) -> Result<(), ContainerError> {
        let mut volumes = self.volumes.lock().unwrap_or_else(PoisonError::into_inner);
        if !volumes.iter().any(|there| there == name) {
            self.engine.call(&["volume", "create", &self.volume_name(name)])?;
            volumes.push(name.to_owned());
        }
        Ok(())
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        let volumes =
            std::mem::take(self.volumes.get_mut().unwrap_or_else(PoisonError::into_inner));
        for volume in volumes {
            // Nobody can be told; the next node on this host tries again.
            let _ = self.engine.call(&["volume", "rm", "--force", &self.volume_name(&volume)]);
        }
    }
}

//! What the chain does not keep: when a deployment ends, and what its closed jobs cost. The file may
//! be lost: then the end counts from the oldest job that runs, and closed jobs count as free.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{
    replacements::Replacements,
    replica::{Phase, Replica},
};
use crate::commands::state_folder::default_state_folder;

/// What is kept of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentRecord {
    /// Unix timestamp of its begin: earlier jobs belong to a deployment that is over.
    pub begins_at: i64,
    /// Unix timestamp of the deployment's end.
    pub ends_at: i64,
    /// Whether its replicas are private; `None` in records that do not say it.
    #[serde(default)]
    pub is_private: Option<bool>,
    /// The replicas that were replaced because they were not healthy.
    #[serde(default)]
    pub replacements: Replacements,
    /// The cost of each settled job, in base units.
    costs: BTreeMap<String, u64>,
}

impl DeploymentRecord {
    /// The record of a deployment of this time.
    pub fn new(begins_at: i64, ends_at: i64, is_private: bool) -> Self {
        Self {
            begins_at,
            ends_at,
            is_private: Some(is_private),
            replacements: Replacements::default(),
            costs: BTreeMap::new(),
        }
    }

    /// Whether the job belongs to this deployment, and not to an earlier one with the same name.
    pub fn includes(&self, replica: &Replica) -> bool {
        replica.is_active() || replica.listed_at >= self.begins_at
    }

    /// Whether the deployment goes on although no replica is left: others are listed later.
    pub fn is_held(&self, now: i64) -> bool {
        now < self.ends_at && self.replacements.count_held(now) > 0
    }

    /// Reads the record; `None` if there is none.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn load(path: &Path) -> Result<Option<Self>> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };

        serde_json::from_slice(&bytes).map(Some).with_context(|| {
            format!("{} is not a record of a deployment: remove it", path.display())
        })
    }

    /// Writes the record.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let cannot_write = || format!("cannot write {}", path.display());
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(cannot_write)?;

        let mut staged = NamedTempFile::new_in(folder).with_context(cannot_write)?;
        staged.write_all(&serde_json::to_vec_pretty(self)?).with_context(cannot_write)?;
        staged.persist(path).map(drop).with_context(cannot_write)
    }

    /// Notes what settled jobs cost. Returns whether something is new.
    pub fn note_costs(&mut self, replicas: &[Replica]) -> bool {
        let settled = replicas.iter().filter(|replica| replica.phase == Phase::Over);
        let mut is_new = false;

        for replica in settled {
            let cost = self.costs.insert(replica.address.to_string(), replica.committed);
            is_new |= cost != Some(replica.committed);
        }
        is_new
    }

    /// What jobs cost that the chain no longer has, in base units.
    pub fn closed_cost(&self, replicas: &[Replica]) -> u64 {
        let mut closed = self.costs.clone();
        for replica in replicas {
            closed.remove(&replica.address.to_string());
        }
        closed.values().fold(0, |sum, cost| sum.saturating_add(*cost))
    }
}

/// The file of a deployment of this wallet.
pub fn record_path(name: &str, wallet: &str) -> Result<PathBuf> {
    Ok(default_state_folder()?.join("deployments").join(wallet).join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_jobs_still_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/web.json");
        assert_eq!(DeploymentRecord::load(&path).unwrap(), None);

        let [open, closed, running] = [1, 2, 3].map(|number| {
            let phase = if number == 3 { Phase::Waiting } else { Phase::Over };
            let committed = u64::from(number) * 10;
            Replica { committed, listed_at: 0, ..Replica::with_phase(number, phase) }
        });
        let mut record = DeploymentRecord::new(3, 7, true);
        assert!(record.includes(&running) && !record.includes(&open));
        assert!(record.note_costs(&[open, closed, running]));
        assert!(!record.note_costs(&[open, closed]));
        for number in [4, 5] {
            record.replacements.note_unhealthy(number, None, 1, 2);
        }
        record.save(&path).unwrap();

        let record = DeploymentRecord::load(&path).unwrap().unwrap();
        assert!(record.is_held(6) && !record.is_held(7), "then its time is over");
        assert_eq!((record.ends_at, record.is_private), (7, Some(true)));
        assert_eq!(record.closed_cost(&[open, running]), 20);
        assert_eq!(record.closed_cost(&[]), 30);
        fs::write(&path, r#"{ "begins_at": 3, "ends_at": 7, "costs": {} }"#).unwrap();
        let earlier = DeploymentRecord::load(&path).unwrap().unwrap();
        assert_eq!((earlier.is_private, earlier.replacements), (None, Replacements::default()));
        fs::write(&path, "{").unwrap();
        assert!(DeploymentRecord::load(&path).is_err());
    }
}

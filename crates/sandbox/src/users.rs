//! The host's users who run commands: jobs that run at the same time have different ones, so that
//! no count or limit that the kernel keeps for each user lets one job disturb another.

use std::{
    collections::BTreeMap,
    fs,
    ops::RangeInclusive,
    os::unix::fs::{MetadataExt, lchown},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    SandboxConfig, SandboxError,
    config::{invalid_setting, is_root},
};

/// User id of `nobody`, who runs all commands on a host that lets root act as no others.
const NOBODY: u32 = 65534;
/// The users of a node that runs as root and whose owner names none: no distribution and no
/// directory service assigns these ids.
const DEFAULT_USERS: RangeInclusive<u32> = 2_100_000_000..=2_100_000_999;

/// The users who run commands, and how many jobs each of them has.
#[derive(Clone, Debug)]
pub(crate) struct Users {
    ids: RangeInclusive<u32>,
    jobs: Arc<Mutex<BTreeMap<u32, usize>>>,
}

impl Users {
    /// Returns the users who run commands, if it is not the node's own user.
    pub fn choose(config: &SandboxConfig) -> Result<Option<Self>, SandboxError> {
        if !is_root() {
            return Ok(None);
        }

        let ids = match &config.run_as {
            Some(ids) => ids.clone(),
            None if can_own(&config.scratch_parent, *DEFAULT_USERS.start()) => DEFAULT_USERS,
            None => NOBODY..=NOBODY,
        };
        if ids.is_empty() || *ids.start() == 0 {
            let problem = "commands must not run as root; choose users above 0".to_owned();
            return Err(invalid_setting("NOSANA_SANDBOX_USER", problem));
        }
        Ok(Some(Self { ids, jobs: Arc::default() }))
    }

    /// Returns a user without a job or, if all have one, the one with the fewest.
    pub fn assign(&self) -> AssignedUser {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);

        let idle = self.ids.clone().find(|id| !jobs.contains_key(id));
        let fewest = || jobs.iter().min_by_key(|(_, count)| **count).map(|(id, _)| *id);
        let id = idle.or_else(fewest).unwrap_or(*self.ids.start());

        *jobs.entry(id).or_default() += 1;
        AssignedUser { id, jobs: self.jobs.clone() }
    }

    /// Returns whether every job has this user.
    fn is_always(&self, id: u32) -> bool {
        *self.ids.start() == id && *self.ids.end() == id
    }

    /// Checks that these users can reach the files that they are to read: bubblewrap would only
    /// report that they do not exist.
    pub fn check_reachable(&self, config: &SandboxConfig) -> Result<(), SandboxError> {
        let scratch = ("NOSANA_SANDBOX_SCRATCH", config.scratch_parent.join("any"));
        let mounts =
            config.read_only.iter().map(|mount| ("NOSANA_SANDBOX_READ_ONLY", mount.host.clone()));

        for (setting, path) in mounts.chain([scratch]) {
            let is_closed = |folder: &&Path| {
                fs::metadata(folder)
                    .is_ok_and(|found| found.mode() & 0o001 == 0 && !self.is_always(found.uid()))
            };
            if let Some(folder) = path.ancestors().skip(1).find(is_closed) {
                let folder = folder.display();
                let problem = format!(
                    "the user who runs commands cannot reach {}, because {folder} is closed to \
                     other users; run the node as the user who owns {folder}, or use another \
                     folder",
                    path.display()
                );
                return Err(invalid_setting(setting, problem));
            }
        }
        Ok(())
    }
}

/// Returns whether files can belong to this user. In some containers few ids exist.
fn can_own(parent: &Path, id: u32) -> bool {
    let folder = tempfile::tempdir_in(parent);
    folder.is_ok_and(|folder| lchown(folder.path(), Some(id), Some(id)).is_ok())
}

/// The user of one job. On drop, the user is free for another.
#[derive(Debug)]
pub(crate) struct AssignedUser {
    pub id: u32,
    jobs: Arc<Mutex<BTreeMap<u32, usize>>>,
}

impl Drop for AssignedUser {
    fn drop(&mut self) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);

        if let Some(count) = jobs.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                jobs.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_share_a_user_only_if_there_are_too_few() {
        let users = Users { ids: 7..=8, jobs: Arc::default() };
        let [first, second, third] = [(); 3].map(|()| users.assign());
        assert_eq!([first.id, second.id, third.id], [7, 8, 7]);
        drop(second);
        assert_eq!(users.assign().id, 8);
        drop(first);
        drop(third);
        assert_eq!(users.assign().id, 7);
        assert!(users.jobs.lock().unwrap().is_empty());
    }

    #[test]
    fn root_is_refused() {
        for ids in [0..=0, 0..=9, RangeInclusive::new(9, 8)] {
            let config = SandboxConfig { run_as: Some(ids), ..Default::default() };
            assert_eq!(Users::choose(&config).is_err(), is_root());
        }
    }
}

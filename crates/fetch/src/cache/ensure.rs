//! Returns a resource for use, and fetches it if it is not here.

use std::{
    fs::{self, File},
    path::Path,
    time::SystemTime,
};

use nosana_job_spec::{Digest, PlacedResource, Resource};

use super::{
    CachedResource, ResourceCache, TEMPORARY_PREFIX, create_folder, lock::lock_shared,
    make_readable,
};
use crate::{
    FetchError, FileError,
    error::file_error,
    fetch_time::FetchTime,
    plan::{Plan, PlannedFile},
};

impl ResourceCache {
    /// Returns a resource for use. Fetches it if it is not here.
    ///
    /// # Errors
    /// Like [`ensure_wanted`](Self::ensure_wanted).
    pub fn ensure_resource(&self, resource: &Resource) -> Result<CachedResource, FetchError> {
        self.ensure_wanted(&resource.clone().into(), &|| true)
    }

    /// Returns a resource for use. Fetches it if it is not here, as long as `is_wanted` returns
    /// true and the source sends enough. It has a folder of its own for each set of mount points.
    ///
    /// Several processes may call this at once: one fetches, the others wait for it. What was
    /// fetched of a resource that fails is removed, unless a later fetch can continue with it.
    ///
    /// # Errors
    /// If its source does not deliver it, or delivers other files than it must, or the cache
    /// has too little room for it.
    pub fn ensure_wanted(
        &self,
        placed: &PlacedResource,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<CachedResource, FetchError> {
        let source_name = placed.resource.describe();
        let plan = Plan::make(placed, &self.downloader, &FetchTime::begin(is_wanted))
            .map_err(|problem| FetchError::Source { source_name: source_name.clone(), problem })?;

        create_folder(&self.folder)?;
        match &plan.version {
            Some(version) => self.ensure_version(&source_name, version, &plan, is_wanted),
            None => self.fetch_once(&source_name, &plan, is_wanted),
        }
    }

    /// Returns a version of a resource, which is the same whenever it is fetched.
    fn ensure_version(
        &self,
        source_name: &str,
        version: &str,
        plan: &Plan,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<CachedResource, FetchError> {
        let key = name_folder(source_name, version, plan);
        if let Some(cached) = self.open_entry(&key, plan)? {
            return Ok(cached);
        }

        let _lock = self.lock_entry(&key)?;
        // Another process got it while this one waited.
        if let Some(cached) = self.open_entry(&key, plan)? {
            return Ok(cached);
        }
        let folder = self.folder.join(&key);
        self.remove_damaged(&folder)?;
        tracing::info!(resource = source_name, "fetching a resource");
        let part = self.folder.join(format!("{key}.part"));
        create_folder(&part)?;
        let time = FetchTime::begin(is_wanted);
        if let Err(error) = self.fill_folder(&part, plan, &time) {
            match error.is_unfinished() && has_checkable_bytes(&part, plan) {
                true => {
                    note_time(&part);
                    self.remove_old_parts(&part);
                }
                false => remove_folder(&part)?,
            }
            return Err(error.name_resource(source_name));
        }

        fs::rename(&part, &folder).map_err(file_error("move a resource to", &folder))?;
        let opened = self.open_entry(&key, plan)?;
        opened.ok_or_else(|| FetchError::Fetching(source_name.to_owned()))
    }

    /// Fetches a resource whose version is not known. It is removed with its last user.
    fn fetch_once(
        &self,
        source_name: &str,
        plan: &Plan,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<CachedResource, FetchError> {
        let temporary = tempfile::Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .tempdir_in(&self.folder)
            .map_err(file_error("write to", &self.folder))?;
        let folder = temporary.path().to_owned();
        let lock = lock_shared(&folder)?;

        make_readable(&folder)?;
        self.fill_folder(&folder, plan, &FetchTime::begin(is_wanted))
            .map_err(|error| error.name_resource(source_name))?;
        Ok(CachedResource { folder, _lock: lock, _temporary: Some(temporary) })
    }
}

/// The name of a resource's folder: a digest of what it is, and of what is in it.
fn name_folder(source_name: &str, version: &str, plan: &Plan) -> String {
    let paths = plan.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>();
    let mut identity = [source_name, version, &paths.join("\n")].join("\n\n");

    if !plan.mount_points.is_empty() {
        identity.push_str("\n\n");
        identity.push_str(&plan.mount_points.join("\n"));
    }
    Digest::of(identity.as_bytes()).to_string()
}

/// Whether there is something to continue with: bytes that are checked when the file is complete.
fn has_checkable_bytes(folder: &Path, plan: &Plan) -> bool {
    let is_begun = |file: &PlannedFile| {
        let found = fs::metadata(folder.join(&file.path));
        file.sha256.is_some() && found.is_ok_and(|metadata| metadata.len() > 0)
    };
    plan.files.iter().any(is_begun)
}

/// Notes that the files of a folder have just been fetched: their growth does not change its time.
fn note_time(folder: &Path) {
    // The time is a hint only.
    let _ = File::open(folder).and_then(|opened| opened.set_modified(SystemTime::now()));
}

fn remove_folder(folder: &Path) -> Result<(), FileError> {
    fs::remove_dir_all(folder).map_err(file_error("remove", folder))
}

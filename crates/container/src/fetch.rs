//! Fetches images in the background, so that a large image is fetched once, however little time the
//! first job has that needs it.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use nosana_sandbox::{CancelToken, SharedTask, SharedTasks};

use crate::{ContainerError, Engine, EngineKind, error::io, image::full_name};

/// How many images are downloaded at a time; further ones wait.
const MAX_DOWNLOADS: usize = 2;
/// How long one image may take.
const PULL_TIMEOUT: Duration = Duration::from_secs(2 * 3_600);
/// How often those who wait for an image check whether they must end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// What engines print if a registry has no such image, or refuses it to those without a password.
const REFUSALS: [&str; 8] = [
    "manifest unknown",
    "name unknown",
    "repository name not known",
    "statuscode: 404",
    "unauthorized",
    ": denied",
    "access denied",
    "resource is denied",
];

/// Returns the set of downloads of a new engine.
pub(crate) fn new_downloads() -> Arc<SharedTasks<String, String>> {
    Arc::new(SharedTasks::new(MAX_DOWNLOADS))
}

impl Engine {
    /// Returns once the image is on this host. If it is not by `until`, fetching continues for a
    /// later job.
    ///
    /// # Errors
    /// If the image cannot be fetched, is not on this host by `until`, or the work is stopped or
    /// cancelled.
    pub fn fetch_image(
        &self,
        image: &str,
        until: Instant,
        cancel: &CancelToken,
    ) -> Result<(), ContainerError> {
        let name = full_name(image);
        if self.call(&["image", "inspect", "--format", "{{.Id}}", &name]).is_ok() {
            return Ok(());
        }

        let check_time = || match (cancel.is_ending(), Instant::now() >= until) {
            (true, _) => Err(ContainerError::Cancelled),
            (_, true) => Err(ContainerError::Fetching(image.to_owned())),
            _ => Ok(()),
        };
        let download = loop {
            if let Some(download) = self.start_download(&name)? {
                break download;
            }
            check_time()?;
            thread::sleep(POLL_INTERVAL);
        };

        download
            .wait_for_end(POLL_INTERVAL, check_time)?
            .map_err(|problem| describe_failure(image.to_owned(), problem))
    }

    /// Returns the download of this image, which starts now unless it is in progress; `None` while
    /// too many others are.
    fn start_download(
        &self,
        name: &str,
    ) -> Result<Option<Arc<SharedTask<String>>>, ContainerError> {
        self.downloads.get_or_start(name.to_owned(), |download| {
            let engine = self.clone();
            let name = name.to_owned();
            let builder = thread::Builder::new().name("fetch-image".to_owned());
            let started = builder.spawn(move || {
                let pulled = engine.pull_image(&name);
                engine.downloads.finish(&name, &download, pulled);
            });

            started.map(drop).map_err(io("start a thread"))
        })
    }

    fn pull_image(&self, name: &str) -> Result<(), String> {
        // podman would take names such as `oci:folder` for images on this machine.
        let name = match self.kind {
            EngineKind::Podman => format!("docker://{name}"),
            EngineKind::Docker => name.to_owned(),
        };

        match self.call_with(
            &["pull", "--quiet", &name],
            &[],
            PULL_TIMEOUT,
            &CancelToken::default(),
        ) {
            Ok(_) => Ok(()),
            Err(ContainerError::Engine { problem, .. }) => Err(problem),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Returns the error of a failed download. It blames the definition only if the registry has
/// answered and refused.
fn describe_failure(image: String, problem: String) -> ContainerError {
    let lower_case = problem.to_lowercase();

    if REFUSALS.iter().any(|refusal| lower_case.contains(refusal)) {
        ContainerError::NoImage { image, problem }
    } else {
        ContainerError::Image { image, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_of_the_registry_blames_the_definition() {
        let is_blamed = |problem: &str| {
            describe_failure("a".to_owned(), problem.to_owned()).is_definition_fault()
        };
        for problem in [
            "reading manifest 1 in quay.io/x/y: manifest unknown",
            "reading manifest 1 in quay.io/x/y: name unknown",
            "reading manifest 1 in ghcr.io/x/y: denied",
            "reading manifest 1 in quay.io/x/y: unauthorized: access to it is not authorized",
            "reading manifest 1.0 in docker.io/library/x: requested access to the resource is \
             denied",
            "reading manifest 1 in quay.io/x/y: StatusCode: 404, 404 page not found",
            "Error response from daemon: manifest for x:1 not found: manifest unknown",
            "pull access denied for x, repository does not exist or may require 'docker login'",
        ] {
            assert!(is_blamed(problem), "{problem}");
        }
        for problem in [
            "pinging container registry 127.0.0.1:1: dial tcp 127.0.0.1:1: connection refused",
            "pinging container registry x.invalid: dial tcp: lookup x.invalid: no such host",
            "received unexpected HTTP status: 503 Service Unavailable",
            "toomanyrequests: You have reached your pull rate limit.",
            "mkdir /var/lib/containers/storage/overlay: permission denied",
            "writing blob: no space left on device",
            "net/http: TLS handshake timeout",
            "it did not end within 7200 s",
        ] {
            assert!(!is_blamed(problem), "{problem}");
        }
    }
}
